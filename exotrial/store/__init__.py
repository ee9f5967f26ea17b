"""The store: the only room that knows SQL. One Django app, on SQLite or PostgreSQL.

Django wants to be told its app before a model can be named, so that happens here; which database and which keys
is told by `home.connect`, and until then there is none.
"""

from __future__ import annotations

import django
from django.conf import settings

if not settings.configured:
    settings.configure(
        DEBUG=False,
        INSTALLED_APPS=["exotrial.store.apps.StoreConfig"],
        DATABASES={"default": {"ENGINE": "django.db.backends.dummy"}},
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
        USE_TZ=True,
        TIME_ZONE="UTC",
        ROOT_URLCONF="exotrial.web.urls",
        MIDDLEWARE=[
            "exotrial.web.middleware.guard_answers",
            "exotrial.web.middleware.guard_size",
            "django.middleware.security.SecurityMiddleware",
            "csp.middleware.CSPMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.csrf.CsrfViewMiddleware",
            "django.middleware.clickjacking.XFrameOptionsMiddleware",
        ],
        CONTENT_SECURITY_POLICY={
            "DIRECTIVES": {
                "default-src": ["'none'"],
                "script-src": ["'self'"],
                "style-src": ["'self'"],
                "img-src": ["'self'", "data:"],
                "font-src": ["'self'"],
                "connect-src": ["'self'"],
                "form-action": ["'self'"],
                "base-uri": ["'none'"],
                "frame-ancestors": ["'none'"],
            }
        },
        CSRF_COOKIE_NAME="exotrial_csrf",
        CSRF_COOKIE_SECURE=True,
        CSRF_COOKIE_HTTPONLY=True,
        CSRF_COOKIE_SAMESITE="Strict",
        CSRF_FAILURE_VIEW="exotrial.web.pages._serve.show_forged",
        SESSION_COOKIE_SECURE=True,
        SECURE_HSTS_SECONDS=365 * 24 * 3600,
        SECURE_HSTS_INCLUDE_SUBDOMAINS=True,
        SILENCED_SYSTEM_CHECKS=[
            "security.W008",  # TLS is the proxy's or granian's; on this machine alone there is none to redirect to
            "security.W021",  # a hospital's domain is not for us to put on the browsers' preload lists
        ],
        SECURE_REFERRER_POLICY="same-origin",
        X_FRAME_OPTIONS="DENY",
        PASSWORD_HASHERS=["django.contrib.auth.hashers.Argon2PasswordHasher"],
        LOGGING_CONFIG=None,
        APPEND_SLASH=False,
        DATA_UPLOAD_MAX_MEMORY_SIZE=8 * 1024 * 1024,
        FILE_UPLOAD_MAX_MEMORY_SIZE=8
        * 1024
        * 1024,  # all that is taken: no file of a person's lies about in /tmp
    )
    django.setup()
