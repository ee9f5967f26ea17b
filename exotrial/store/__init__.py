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
            "django.middleware.security.SecurityMiddleware",
            "django.middleware.common.CommonMiddleware",
            "django.middleware.clickjacking.XFrameOptionsMiddleware",
        ],
        PASSWORD_HASHERS=["django.contrib.auth.hashers.Argon2PasswordHasher"],
        LOGGING_CONFIG=None,
        APPEND_SLASH=False,
        DATA_UPLOAD_MAX_MEMORY_SIZE=8 * 1024 * 1024,
    )
    django.setup()
