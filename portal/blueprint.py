"""The blueprint every page hangs on."""

from pathlib import Path

from flask import Blueprint

FOLDER = Path(__file__).parent

blueprint = Blueprint("portal", __name__, template_folder="templates", static_folder="static", static_url_path="/static")
