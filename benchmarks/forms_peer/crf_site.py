"""A site that saves forms by clinicedc's base model and history; run only by the peer's own Python, never imported.

    PEER_FOLDER=... PEER_ITEMS=250 python -m crf_site       make the database, print a session key as JSON
    granian ... crf_site:application                       serve it: POST /save, GET /told

It holds no code of clinicedc and is loaded by no part of exotrial. What is in a save's path is in the README.
"""

from __future__ import annotations

import json
import os
import sqlite3
import sys
from importlib import import_module
from importlib.metadata import version
from pathlib import Path
from typing import Any

import django
from django.conf import settings

ITEMS = int(os.environ["PEER_ITEMS"])
DATABASE = Path(os.environ["PEER_FOLDER"]) / "peer.sqlite3"
NUMBERS = ITEMS // 3

settings.configure(
    SECRET_KEY="a benchmark holds no secret",
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    USE_TZ=True,
    SITE_ID=1,
    BASE_DIR=DATABASE.parent / "app",
    DJANGO_REVISION_IGNORE_WORKING_DIR=True,  # then the revision is the version of APP_NAME
    APP_NAME="clinicedc",
    DJANGO_CRYPTO_FIELDS_KEY_PATH=str(DATABASE.parent / "keys"),
    AUTO_CREATE_KEYS=True,
    SUBJECT_VISIT_MODEL="",
    DATABASES={
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(DATABASE),
            # As in exotrial/store/home.py, so that both wait for the disk alike.
            "OPTIONS": {
                "transaction_mode": "IMMEDIATE",
                "timeout": 30,
                "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON; "
                "PRAGMA recursive_triggers=ON;",
            },
            "CONN_MAX_AGE": None,
        }
    },
    INSTALLED_APPS=[
        "django.contrib.auth",
        "django.contrib.contenttypes",
        "django.contrib.sessions",
        "django.contrib.sites",
        "simple_history",
        "django_audit_fields",
        "django_revision",
        "edc_model",
        __name__,
    ],
    MIDDLEWARE=[
        "django.contrib.sessions.middleware.SessionMiddleware",
        "django.contrib.auth.middleware.AuthenticationMiddleware",
        "simple_history.middleware.HistoryRequestMiddleware",
    ],
    DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
)
django.setup()

from django import forms  # noqa: E402 - only after setup
from django.core.wsgi import get_wsgi_application  # noqa: E402
from django.db import connection, models, transaction  # noqa: E402
from django.http import HttpRequest, JsonResponse  # noqa: E402
from django.urls import path  # noqa: E402

edc: Any = import_module("edc_model.models")

YES_NO = (("Y", "Yes"), ("N", "No"))


def _fields() -> dict[str, Any]:
    """A column for each item, as clinicedc has it: the same thirds as exotrial's form of that many items."""
    choices = [f"number_{n}" for n in range(NUMBERS)] + [f"judged_{n}" for n in range(ITEMS - 2 * NUMBERS)]
    return {name: models.CharField(max_length=1, choices=YES_NO) for name in choices} | {
        f"value_{n}": models.DecimalField(max_digits=12, decimal_places=2) for n in range(NUMBERS)
    }


Crf: Any = type(
    "Crf",
    (edc.BaseUuidModel,),
    {
        "__module__": __name__,
        "subject_identifier": models.CharField(max_length=50, unique=True),
        **_fields(),
        "history": edc.HistoricalRecords(),
        "Meta": type("Meta", (edc.BaseUuidModel.Meta,), {"app_label": __name__}),
    },
)
CrfForm: Any = forms.modelform_factory(Crf, fields=["subject_identifier", *_fields()])


def save(request: HttpRequest) -> JsonResponse:
    """Validate a form and save it, new or changed, with its history row, in one transaction."""
    who: Any = request.user
    sent = json.loads(request.body)
    with transaction.atomic():
        found = Crf.objects.filter(subject_identifier=sent["subject_identifier"]).first()
        if not who.has_perm(f"{__name__}.{'change' if found else 'add'}_crf"):
            return JsonResponse({"error": "not permitted"}, status=403)
        form = CrfForm(data=sent, instance=found)
        if not form.is_valid():
            return JsonResponse({"error": form.errors}, status=422)
        row = form.save(commit=False)
        row.user_modified = who.username
        row._change_reason = sent["reason"]
        row.save()
    return JsonResponse({"id": str(row.pk)})


def told(_: HttpRequest) -> JsonResponse:
    """What a report of the numbers must say: versions, how SQLite writes, and the history rows."""
    with connection.cursor() as cursor:
        pragmas = {
            name: cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous")
        }
    return JsonResponse(
        {
            "python": sys.version.split()[0],
            "sqlite": sqlite3.sqlite_version,
            **{name: version(name) for name in ("clinicedc", "django", "django-simple-history")},
            **pragmas,
            "rows": Crf.objects.count(),
            "history": Crf.history.count(),
        }
    )


urlpatterns = [path("save", save), path("told", told)]
application = get_wsgi_application()


def prepare() -> str:
    """Make the tables and a person who may save; give the key of the person's session."""
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.auth.models import Permission, User
    from django.contrib.contenttypes.models import ContentType
    from django.contrib.sessions.backends.db import SessionStore
    from django.core.management import call_command

    call_command("migrate", verbosity=0)
    with connection.schema_editor() as editor:
        editor.create_model(Crf)
        editor.create_model(Crf.history.model)
    nurse = User.objects.create_user("nurse")
    kind = ContentType.objects.get_for_model(Crf)
    for name in ("add_crf", "change_crf"):
        right, _ = Permission.objects.get_or_create(content_type=kind, codename=name, defaults={"name": name})
        nurse.user_permissions.add(right)
    session = SessionStore()
    session[SESSION_KEY] = str(nurse.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = nurse.get_session_auth_hash()
    session.create()
    return str(session.session_key)
