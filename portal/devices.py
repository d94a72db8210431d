"""What a browser says of itself, cut down to two words that its owner recognises. Nothing else of it is kept."""

# The first mark that is found counts: every browser names some of the others.
BROWSERS = (
    ("edg", "edge"), ("opr/", "opera"), ("samsungbrowser", "samsung"), ("firefox", "firefox"), ("fxios", "firefox"),
    ("crios", "chrome"), ("chromium", "chrome"), ("chrome", "chrome"), ("safari", "safari"),
)  # fmt: skip
SYSTEMS = (
    ("android", "android"), ("iphone", "iphone"), ("ipad", "ipad"), ("windows", "windows"), ("mac os", "macos"),
    ("linux", "linux"),
)  # fmt: skip


def device_of(user_agent: str) -> str:
    """`firefox/android`; either half is empty where it is not recognised."""
    told = user_agent.casefold()
    browser, system = (next((word for mark, word in table if mark in told), "") for table in (BROWSERS, SYSTEMS))
    return f"{browser}/{system}"
