"""What happens by itself: due messages leave every second, as somebody may wait for a code."""

from collections.abc import Mapping

from kernel.background import Errand, Step
from kernel.messages.queue import Post, forget_old
from kernel.messages.texts import Texts


def steps(texts: Texts) -> Mapping[str, tuple[Step | Errand, float]]:
    post = Post(texts)
    return {
        "send_messages": (Errand(post.take_due, post.carry, post.note), 1.0),
        "ask_after_messages": (Errand(post.take_asked, post.ask, post.note_fates), 15.0),
        "forget_old_messages": (forget_old, 3_600.0),
    }
