"""Django's settings as the type checker reads them; nothing else does."""

SECRET_KEY = "for the type checker only"
INSTALLED_APPS = ["exotrial.store.apps.StoreConfig"]
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
