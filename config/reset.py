"""Throws the demo practice away and makes it afresh, unless the product runs on it. ``python -m config.reset``

Holds the data directory as ``config.run`` does: web, worker and beat would work on rows that vanish under them.
"""

import os
import subprocess
import sys

from django.core.exceptions import ImproperlyConfigured

from config.env import BASE_DIR
from config.run import CannotStart, lock, prepare


def main() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        from config import settings

        os.environ["DATA_DIR"] = str(settings.DATA_DIR)
        try:
            held = lock(settings.DATA_DIR)
        except CannotStart:
            raise CannotStart(
                f"make run works on {settings.DATA_DIR}; stop it first (Ctrl-C there), nothing was changed"
            ) from None
        with held:
            prepare(demo=False)
            command = [sys.executable, "manage.py", "demo", "--reset"]
            return subprocess.run(command, cwd=BASE_DIR, check=False).returncode  # noqa: S603 (the command above)
    except KeyboardInterrupt:
        return 130
    except (CannotStart, ImproperlyConfigured) as error:
        print(f"Cannot reset: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
