"""How a call to a provider fails: one name for each way, by which the queue decides whether to send it again.

fault        what happened                                            charged
storage      our own storage did not give the picture to send         no
not_sent     no connection: nothing was sent                          no
busy         the server said, or made plain, that it did not do it    no
gateway      something in between gave up waiting and cannot know     maybe
no_answer    it was sent, and no whole answer came back               maybe
unusable     an answer of success that holds no readable picture      yes
rejected     the server refused this request                          no
account      the key, the balance, the path or the model was refused  no
result_lost  the picture was made, but could not be fetched           yes

What follows each of them: ``services/calls/retry_policy.py``.  In words for people: ``fault_words.py``.
"""

from enum import StrEnum


class Fault(StrEnum):
    """The name that is stored and logged.  ``Fault("B")`` reads the letter that earlier versions stored."""

    STORAGE = "storage"
    NOT_SENT = "not_sent"
    BUSY = "busy"
    GATEWAY = "gateway"
    NO_ANSWER = "no_answer"
    UNUSABLE = "unusable"
    REJECTED = "rejected"
    ACCOUNT = "account"
    RESULT_LOST = "result_lost"

    @property
    def spellings(self) -> tuple[str, str]:
        """What to ask the database for: a worker of the version before stores its letter until it is stopped."""
        return self.value, LETTERS[self]

    @classmethod
    def _missing_(cls, value: object) -> "Fault | None":
        return next((fault for fault, letter in LETTERS.items() if letter == value), None)


LETTERS = {
    Fault.STORAGE: "S",
    Fault.NOT_SENT: "A",
    Fault.BUSY: "B",
    Fault.GATEWAY: "B'",
    Fault.NO_ANSWER: "C",
    Fault.UNUSABLE: "D",
    Fault.REJECTED: "E",
    Fault.ACCOUNT: "F",
    Fault.RESULT_LOST: "G",
}
"""What earlier versions stored, and what the label ``fault`` of metrics still says: alarms are written for it."""
