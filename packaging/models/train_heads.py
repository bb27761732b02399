"""Fits the built-in model's small linear maps on the sentences of ``corpus/`` and prints how well they generalise.

    python packaging/models/train_heads.py [--out resources/models]

Ridge regression in closed form: no randomness, no iterations. The figures printed are of five-fold cross-validation
in which all variants of a sentence fall into the same fold.
"""

from __future__ import annotations

import argparse
import hashlib
import sys
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parent))
from convert_minilm import CHECKSUMS, sums

from turbulence_app.llm.builtin.choices import words_of
from turbulence_app.llm.builtin.container import pack
from turbulence_app.llm.builtin.encoder import shared_encoder
from turbulence_app.llm.builtin.heads import HEADS_FILE, KINDS, SUBJECTS, TRAITS, features

CORPUS = Path(__file__).resolve().parent / "corpus"
RIDGE = {"traits": 1.0, "kinds": 2.0, "subjects": 0.5}
OPTIONS_RIDGE = 0.5
"""Of the first map of kinds, fitted on options alone; it says of what kind the options of ``decisions.txt`` are."""
PLAIN_KIND, HEARSAY = 0.15, 0.1
"""Scores of that map below the first are nothing; a sentence said about an option weighs the second."""
FOLDS = 5
CORPUS_FILES = ("traits.txt", "options.txt", "prompts.txt", "decisions.txt")


def read_corpus(name: str) -> list[tuple[list[str], str]]:
    rows = []
    for line in (CORPUS / name).read_text(encoding="utf-8").splitlines():
        if line.strip() and not line.startswith("#"):
            labels, _, phrases = line.partition("|")
            rows += [(labels.split(), phrase.strip()) for phrase in phrases.split(";") if phrase.strip()]
    return rows


def first_person(clause: str) -> str:
    """`waits for it` as `I wait for it`: crude, as people write."""
    head, _, rest = clause.partition(" ")
    irregular = {
        "is": "am",
        "has": "have",
        "does": "do",
        "goes": "go",
        "doesn't": "don't",
        "hates": "hate",
        "presses": "press",
    }
    if head in irregular or (head.endswith("s") and not head.endswith("ss") and head not in ("always", "his")):
        head = irregular.get(head) or (head[:-3] + "y" if head.endswith("ies") else head[:-1])
    return (
        f"I {head} {rest}".strip()
        .replace(" his ", " my ")
        .replace(" her ", " my ")
        .replace(" he ", " I ")
        .replace(" she ", " I ")
    )


def variants(clause: str) -> list[str]:
    return [clause, f"She {clause}.", f"He {clause}", first_person(clause)]


def option_variants(phrase: str) -> list[str]:
    """An option as it stands, and as somebody's habit: the map reads both options and clauses."""
    plain = phrase.rpartition(": ")[2]
    return [phrase, f"She {plain}", f"usually {plain}", f"he just {plain}"]


def trait_targets(labels: list[str]) -> np.ndarray:
    row = np.zeros(len(TRAITS))
    for label in labels:
        if label != "0":
            row[TRAITS.index(label[:-1])] = 1.0 if label.endswith("+") else -1.0
    return row


def fit(x: np.ndarray, y: np.ndarray, weights: np.ndarray, ridge: float) -> np.ndarray:
    gram = (x * weights[:, None]).T @ x + ridge * np.eye(x.shape[1])
    return np.linalg.solve(gram, (x * weights[:, None]).T @ y)


def cross_validated(x: np.ndarray, y: np.ndarray, w: np.ndarray, groups: np.ndarray, ridge: float) -> np.ndarray:
    out = np.zeros_like(y)
    for fold in range(FOLDS):
        held = groups % FOLDS == fold
        out[held] = x[held] @ fit(x[~held], y[~held], w[~held], ridge)
    return out


def build(rows: list[tuple[list[str], str]], targets, vary) -> tuple[np.ndarray, ...]:
    texts, y, groups = [], [], []
    for group, (labels, phrase) in enumerate(rows):
        for text in vary(phrase):
            texts.append(text)
            y.append(targets(labels))
            groups.append(group)
    x = features(shared_encoder(), texts).astype(np.float64)
    counts = np.bincount(groups)
    return x, np.array(y), 1.0 / counts[np.array(groups)], np.array(groups)


def read_decisions() -> list[tuple[list[str], list[list[str]]]]:
    """By decision the options' three forms (name, meaning, both) and what people say who take each."""
    found: list[tuple[list[str], list[list[str]]]] = []
    for line in (CORPUS / "decisions.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith("= "):
            found.append(([], []))
        elif line.strip() and not line.startswith("#"):
            option, _, told = line.partition(" | ")
            found[-1][0].append(option.strip())
            found[-1][1].append([t.strip() for t in told.split(";") if t.strip() and not t.strip().startswith("!")])
    return found


def hearsay(options_map: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """What people say about options, with the kinds that the first map sees in the options themselves."""
    texts, targets = [], []
    for options, told in read_decisions():
        for option, sentences in zip(options, told, strict=True):
            name, _, meaning = option.partition(": ")
            words = words_of(name)
            read = features(shared_encoder(), [words, meaning, f"{words}: {meaning}"])
            kinds = np.clip(read @ options_map, 0, 1).mean(0)
            for sentence in sentences:
                texts.append(sentence[0].upper() + sentence[1:])
                targets.append(np.where(kinds > PLAIN_KIND, kinds, 0.0))
    read = np.concatenate([features(shared_encoder(), texts[i : i + 64]) for i in range(0, len(texts), 64)])
    return read.astype(np.float64), np.array(targets)


def one_hot(names: tuple[str, ...]):
    return lambda labels: np.array([float(name in labels) for name in names])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parents[2] / "resources" / "models")
    out = parser.parse_args().out
    tasks = {
        "traits": build(read_corpus("traits.txt"), trait_targets, variants),
        "kinds": build(read_corpus("options.txt"), one_hot(KINDS), option_variants),
        "subjects": build(read_corpus("prompts.txt"), one_hot(SUBJECTS), lambda p: [p]),
    }
    tensors = {}
    for name, (x, y, w, groups) in tasks.items():
        guess = cross_validated(x, y, w, groups, RIDGE[name])
        if name == "traits":
            for i, trait in enumerate(TRAITS):
                told, neutral = y[:, i] != 0, y[:, i] == 0
                right = (np.sign(guess[told, i]) == y[told, i]).mean()
                print(
                    f"{trait:10} direction right {right:.3f}  |score| told {abs(guess[told, i]).mean():.2f}"
                    f" else {abs(guess[neutral, i]).mean():.2f}"
                )
        else:
            print(f"{name}: right {(guess.argmax(1) == y.argmax(1)).mean():.3f}")
        if name == "kinds":
            told, targets = hearsay(fit(x, y, w, OPTIONS_RIDGE))
            rows, wanted = np.concatenate([x, told]), np.concatenate([y, targets])
            fitted = fit(rows, wanted, np.concatenate([w, np.full(len(told), HEARSAY)]), RIDGE[name])
        else:
            fitted = fit(x, y, w, RIDGE[name])
        tensors[name] = fitted.astype(np.float32)
    corpus = b"".join((CORPUS / f).read_bytes() for f in CORPUS_FILES)
    digest = "sha256:" + hashlib.sha256(corpus).hexdigest()
    (out / HEADS_FILE).write_bytes(pack(tensors, {"digest": digest, "encoder": shared_encoder().digest}))
    (out / CHECKSUMS).write_text(sums(out))


if __name__ == "__main__":
    main()
