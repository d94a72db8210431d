"""`keys init`: the laboratory's key files, made once and then kept."""

from cardbank.keystore.services import create_laboratory_file
from deploy.commands._laboratory import laboratory_settings
from identity.tokens import create_key_file, token_key_path


def run(argv: list[str]) -> int:
    settings = laboratory_settings("a key file")
    is_new = create_laboratory_file(settings)
    token_key = token_key_path(settings)
    if not token_key.exists():
        create_key_file(token_key)
    print("Keys made." if is_new else "Keys are there already; they were kept.")
    return 0
