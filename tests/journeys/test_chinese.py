"""Chinese phrases are found exactly as often as they stand in the text, through the whole case."""

import random
import re

import pytest
from tests.conftest import PASSPHRASE

from muniment.verbs.case import Case

pytestmark = pytest.mark.journey

_HAN = "\u3400-\u9fff\uf900-\ufaff"


def _sentences(path):
    """Sentences of a file in IOB2, in documents of 40."""
    text = path.read_text("utf-8")
    found = re.findall(r"^# text = (.*)$", text, re.M)
    return ["\n".join(found[start : start + 40]) for start in range(0, len(found), 40)]


def _texts(corpus, name):
    if name == "uner-zh":
        return _sentences(corpus("uner-zh-gsdsimp") / "zh_gsdsimp-ud-dev.iob2")
    return [(corpus("udhr") / f"{name}.txt").read_text("utf-8")]


@pytest.mark.parametrize("name", ["cmn_hans", "cmn_hant", "uner-zh"])
def test_phrases_are_found_as_often_as_they_stand_there(corpus, tmp_path, name):
    texts = _texts(corpus, name)
    leak = tmp_path / "leak"
    leak.mkdir()
    for number, text in enumerate(texts):
        (leak / f"{number:03d}.txt").write_text(text, encoding="utf-8")
    joined = [re.sub(r"[\r\n]+", "", text) for text in texts]
    runs = re.findall(f"[{_HAN}]{{2,}}", "\x00".join(joined))
    chance = random.Random(name)
    case, _ = Case.new(tmp_path / "x", PASSPHRASE)
    with case:
        assert set(case.add([leak])["states"]) == {"extracted"}
        for _ in range(60):
            run = chance.choice(runs)
            length = min(len(run), chance.randrange(2, 9))
            start = chance.randrange(len(run) - length + 1)
            phrase = run[start : start + length]
            found = case.find(f'"{phrase}"', limit=1)
            assert found["documents"] == sum(phrase in text for text in joined), phrase
            assert found["passages_exact"]
            assert found["passages"] == sum(_count(text, phrase) for text in joined), phrase
        case.lock()


def _count(text, phrase):
    """Occurrences, those that overlap too."""
    return len(re.findall(f"(?={re.escape(phrase)})", text))
