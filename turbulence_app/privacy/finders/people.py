"""Names of people where the text says that they are names: labels of forms, introductions, salutations, signatures.

Names in running text look like any other word. They are not found, and :func:`limits` says so.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from turbulence_app.privacy.finders.base import Hit

_BIG = r"[^\W\d_a-zß-ÿ]"
_TAIL = r"(?:(?!['’]s\b)['’-][^\W\d_]{1,24}){0,2}"
_PART = rf"(?:{_BIG}[^\W\d_]{{1,24}}{_TAIL}|(?:{_BIG}|d)['’]{_BIG}[^\W\d_]{{1,24}}|[A-Z]\.)"
_JOIN = r"(?:(?:van|von|vom|zu|de|da|do|dos|das|del|della|di|der|den|la|le|du|bin|binti|al|el|y|e) ){0,2}"
_NAME = rf"{_PART}(?: {_JOIN}{_PART}){{0,3}}"
_ANY = r"[^\W\d_]{2,24}(?:['’-][^\W\d_]{1,24}){0,2}"
_LABEL = re.compile(
    r"(?:^|(?<=[\n,;({|>]))[ \t\"'*-]{0,6}(?i:(?:your |full |first |last |middle |given |family |customer |"
    r"customer's |"
    r"contact |patient |account holder |cardholder |recipient |billing |shipping |card ?holder |employee |"
    r"guest )?name|surname|forename|"
    r"(?:first|last|full|given|family)_?name|customer|contact|patient|recipient|cardholder|account holder|attn|"
    r"vorname|nachname|name (?:des kunden|der kundin)|kunde|kundin|karteninhaber|"
    r"kontoinhaber|ansprechpartner(?:in)?|nom|prénom|nombre|apellidos?|"
    rf"nome|sobrenome|cognome|titular)[\"'*]{{0,3}}[ \t]?[:=][ \t\"'*]{{0,4}}({_NAME})(?![\w@.-])"
)
_LOWER_LABEL = re.compile(
    r"(?:^|(?<=[\n,;({|>]))[ \t\"'*-]{0,6}(?i:(?:full|first|last|given|family)[ _]?name|surname|vorname|"
    r"nachname|prénom|"
    rf"apellidos?|"
    rf"sobrenome)[\"'*]{{0,3}}[ \t]?[:=][ \t\"'*]{{0,4}}({_ANY}(?: {_ANY}){{0,3}})(?=\s*(?:[\n,;)}}\"'|<.]|$))"
)
_INTRODUCED = re.compile(
    r"\b(?i:(?:my|his|her|their|whose|the customer's|customer) (?:full |first |last )?name(?: is|'s|:)|"
    r"i am called|i'm called|he is called|"
    r"she is called|they call me|people call me|goes by(?: the name(?: of)?)?|ich heiße|ich heisse|"
    r"mein name ist|je m'appelle|je m’appelle|me llamo|mi nombre es|meu nome é|"
    rf"eu me chamo|mi chiamo|il mio nome è|meet) ({_NAME})(?![\w@]|['’]s\b)"
)
_INTRODUCED_LOWER = re.compile(
    rf"\b(?i:my (?:full )?name(?: is|'s)|ich heiße|mein name ist|je m'appelle|me llamo|"
    rf"meu nome é) ({_ANY})(?= (?:and|und|et|y|e)\b|\s*[.,;!\n]|\s*$)"
)
_SPEAKING = re.compile(rf"\b[Tt]his is ({_PART} {_PART}) (?=speaking|calling|from)")
_APPOSED = re.compile(rf"\b(?:I am|I'm|I’m) ({_PART}(?: {_PART})?), (?=(?:a|an|the|and) |[0-9]{{2}}\b)")
_AGED = re.compile(
    rf"(?:^|(?<=[.!?\n] )|(?<=\n))({_PART}(?: {_PART})?), (?=[0-9]{{2}}(?:,| is\b| and\b|"
    rf" years\b|[.\n]))"
)
_SUIS = re.compile(
    rf"\b(?:[Jj]e suis|[Ii]ch bin|[Ss]oy|[Ee]u sou|[Ss]ono) ({_PART} {_PART})(?=[.,;!\n]|$|"
    rf" (?:et|und|y|e|aus|de)\b)"
)
_GREETED = re.compile(
    rf"(?:^|(?<=[\n.!?\"'>])|(?<=[\n.!?\"'>] ))(?:Dear|Liebe|Lieber|Liebes|Cher|Chère|Caro|Cara|Querid[oa]|"
    rf"Estimad[oa]|Prezad[oa]) ({_NAME})(?=\s*[,:!\n]|\s*$)"
    rf"|(?:^|(?<=[\n.!?\"'>])|(?<=[\n.!?\"'>] ))(?:Hi|Hello|Hey|Hallo|Bonjour|Hola|Olá|Ciao|Good (?:morning|"
    rf"evening|afternoon)) ({_NAME})(?=[,!\n])"
)
_TITLED = re.compile(
    r"(?<![\w.])(?:Mr|Mrs|Ms|Miss|Mx|Dr|Prof|Sir|Dame|Rev|Herrn?|Frau|Mme|Mlle|Monsieur|Madame|Señora?|Senhora?|"
    r"Doña|Shri|Smt)\.? "
    rf"(?:(?:Dr|Prof)\. ?)?({_NAME})(?!\w)"
)
_SIGNED = re.compile(
    r"(?i:\bsigned(?: by)?[,:]?|\b(?:best|kind|warm|many)(?: regards| wishes)|\bregards|\bsincerely(?: yours)?|"
    r"\byours(?: truly| faithfully| sincerely)?|\bcheers|\b(?:all the )?best(?=,[ \t]?\n)|"
    r"\bmit freundlichen grüßen|\bviele grüße|\bliebe grüße|\bbeste grüße|\bcordialement|\bbien à vous|"
    r"\bsaludos(?: cordiales)?|\batentamente|\batenciosamente|\babraços|\bcordiali saluti)"
    rf"[ \t]?[,:]?(?:[ \t]?\n{{1,2}}[ \t]?|[ \t])(?:-- ?|— ?|- ?)?({_NAME})(?=\s*(?:[\n.,(]|$))"
)
_NOBODY = frozenset(
    "customer customers sir madam team all everyone everybody friend friends shopper shoppers user users guest "
    "support "
    "service sales world there community colleague colleagues valued hiring manager partner subscriber member "
    "members "
    "monday tuesday wednesday thursday friday saturday sunday january february march april june july august "
    "september "
    "october november december german french british american english indian brazilian spanish italian dutch polish "
    "kunde kunden kundin herren damen client clients cliente clientes cher martens pepper oetker who the true false "
    "not none null unknown anonymous yes no your this that it and or very also here important required wrong on "
    "in a an at "
    "santa luck right strange clean product products order orders busy impatient careful new old name names taken "
    "unique empty blank optional too long short different misspelled displayed shown visible hidden chatgpt "
    "alexa siri office windows word excel "
    "mr mrs ms miss mx dr prof sir dame rev herr herrn frau mme mlle monsieur madame señor señora senhor "
    "senhora doña".split()
)


def find(text: str) -> Iterator[Hit]:
    """Names in forms, of more than one letter, that are no words for anybody."""
    for pattern in (
        _LABEL,
        _INTRODUCED,
        _SPEAKING,
        _APPOSED,
        _AGED,
        _SUIS,
        _GREETED,
        _TITLED,
        _SIGNED,
        _LOWER_LABEL,
        _INTRODUCED_LOWER,
    ):
        for match in pattern.finditer(text):
            group = match.lastindex or 0
            if match[group].split()[0].rstrip(".").lower() not in _NOBODY:
                yield Hit(*match.span(group), "NAME")
