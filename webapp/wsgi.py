"""What a WSGI server runs. A wrong variable ends it with one sentence."""

import sys

from webapp import create_app
from webapp.platform.config import ConfigError

try:
    app = create_app()
except ConfigError as error:
    sys.exit(f"Brevdue cannot start: {error}")
