# ruff: noqa: E501
"""Concepts that recur in choices of every domain, as words: by telephone, in person, cheap, again, unread, unnamed, ...

A sentence vector puts opposites near each other (`the smallest` and `the largest`, `by phone` and `by letter`); words
do not. How a concept in a clause speaks for a concept in an option is learnt (``packaging/models/train_heads.py``).
"""

from __future__ import annotations

import re
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

_WORDS: tuple[tuple[str, str], ...] = (
    ("phone", r"phon\w*|telephon\w*|rings?(?: up)?|rang|ringing|calls?|called|calling|dials?|dialled|hotline|receiver|landline|voice|on the line"),
    ("visit", r"in person|walks? in|says? hello|counter|branch|face[- ]to[- ]face|visit(?:s|ed|ing)?|drops? in|drives? (?:to|there|over)|walks? (?:over|in|to|round|there)|desk|on the spot|goes (?:there|to the (?:office|shop|store|school|town hall|counter|desk|branch))|round the corner|next door|stroll\w*|puts on (?:his|her|the) coat|coat"),
    ("letter", r"letters?|in writing|post(?:al|ed)?|stamps?|envelopes?|written|paper|black and white"),
    ("email", r"e-?mails?|mails?|inbox|writes? to|wrote to|messages?|tickets?"),
    ("chat", r"chats?|chatting|chatty|bots?|assistant|messenger|natter"),
    ("human", r"persons?|people|human\w*|somebody|someone|talk\w*|speaks?|spoke|speaking|conversation|agents?|clerks?|staff|receptionists?|operator|advis\w+|consultants?|helpers?|support|servic\w+"),
    ("expert", r"experts?|specialists?|professionals?|lawyers?|doctors?|pharmacists?|engineers?|technicians?|mechanics?|assess\w*|brokers?|tutors?|teachers?|trainers?|coach\w*|guides?|apprais\w*"),
    ("family", r"famil\w+|daughters?|sons?|mother|father|mum|dad|sister|brother|wife|husband|relatives?|nephew|niece|grand\w+|aunt|uncle|friends?|neighbou?rs?|colleagues?|flatmates?|mates?|partner|lets? (?:other|some)\w* (?:people )?|has (?:others|somebody|someone)|paperwork"),
    ("ask", r"asks?|asked|asking|advice|questions?|enquir\w+|inquir\w+|consults?|counsel|opinions?|recommend\w*"),
    ("alone", r"alone|him\w*self|herself|themselves|themself|myself|on (?:his|her|their|my) own|self-\w+|independent\w*|without help|single-handed\w*|do-it-yourself|unaided|introvert\w*|shy"),
    ("machine", r"machines?|automat\w*|robots?|apps?|online|digital\w*|self-service|kiosk|device|smartphone|technology|tech|gadgets?|computers?|software"),
    ("again", r"again|once more|repeat\w*|retr(?:y|ies|ied|ying)|re-?sen\w+|resubmit\w*|reload\w*|refresh\w*|anew|another (?:go|try|attempt|time|shot)|second (?:time|try|attempt|go)|one more (?:time|try)|until it|keeps? (?:trying|pressing|clicking|sending)|over and over|f5|attempts?|perseveran\w*|persist\w*|stubborn\w*|dogged\w*|tenaci\w*|insist\w*|relentless\w*|never gives? (?:up|in)|not give (?:up|in)|reconnects?"),
    ("other", r"another|different|other|others|else|elsewhere|alternativ\w+|instead|switch\w*|rivals?|compet\w+|substitut\w*|similar|next (?:one|shop|portal|best)|plan b|spare|detour|flexib\w*|adapt\w*"),
    ("stop", r"giv(?:e|es) up on|shrugs?|shrugged|forget (?:it|about)|that'?s (?:it|that)|giv(?:e|es|ing|en) up|gave up|quit\w*|leav(?:e|es|ing)|left|clos(?:e|es|ed)|abandon\w*|cancel\w*|drops?|dropped|walks? (?:away|off|out)|stops?|stopped|lets? (?:it|the matter|things) (?:be|go|rest|drop)|forgets?|forgot|without (?:buying|booking|finishing|an? \w+)|gone|away|goes home|went home|shuts?|does without|did without|nothing|none|no longer|turns? (?:round|away|on)|history|over|bows? out|backs? out|never mind|had enough|resigns?|renounc\w+|throws? in|cold feet|discouraged|disheartened|loses? heart|end of (?:it|the)"),
    ("later", r"draft|sav(?:e|es) (?:it|a draft)|when (?:he|she) (?:is|feels)|not (?:right )?now|later|tomorrow|next (?:day|week|month|term|year|time|morning)|another (?:day|month|week|time)|postpon\w*|puts? (?:it )?off|some ?day|sleeps? on|remind\w*|procrastinat\w*|delays?|tonight|in the evening|weekend|autumn|spring|not (?:now|today|yet)|comes? back|when (?:he|she) has time|no (?:hurry|rush|urgency)|can wait"),
    ("wait", r"waits?|waiting|waited|patien\w+|queues?|queue\w*|in line|stays?|remains?|calm\w*|reserv\w+|waiting list|takes? (?:its|her|his) time|slow\w*|unhurried|hold the line|time to spare|all the time"),
    ("fast", r"(?:on |by |next )(?:monday|tuesday|wednesday|thursday|friday|saturday|sunday)|in (?:two|three|four|a few) days|right now|this minute|cannot wait|can't wait|blink of an eye|fast\w*|quick\w*|swift\w*|speed\w*|express\w*|urgent\w*|priority|at once|immediate\w*|instant\w*|right away|straight away|as soon as possible|soonest|same[- ]day|next[- ]day|overnight|today|asap|within (?:an?|two|three|\w+) (?:hours?|minutes?|days?)|hurr\w+|rush\w*|haste|now|busy|earl\w+|in a flash|desperate\w*|emergency|deadline|pressed for time|no time|time is money|impatien\w*"),
    ("cheap", r"cheap\w*|low(?:est|er|-cost)?(?: (?:price|fare|rate|cost))?|price[- ]?conscious|budget|bargains?|discount\w*|sav(?:e|es|ing|er|ings)|saved|thrift\w*|frugal\w*|economy|costs? (?:less|little|nothing)|every (?:cent|penny|euro|pound|coin)|penn(?:y|ies)|cents?|coins?|stingy|tight\w*|poor|small (?:pension|salary|income|wage)|tiny pension|pensioner|student|afford|broke|money is (?:tight|short)|pocket money|coupon\w*|voucher\w*|deal|deals|expensive|too dear|mean with"),
    ("free", r"free(?: of charge)?|for nothing|gratis|at no (?:charge|cost)|no (?:fee|charge|extra)|without (?:paying|charge|a fee)|pays? nothing|unpaid"),
    ("dear", r"gladly pays?|pays? (?:gladly|whatever|any|double|top)|whatever (?:\w+ )?costs?|whatever the (?:price|cost)|at any (?:price|cost)|hang the (?:cost|expense|price)|never looks at (?:the )?prices?|splurg\w*|lavish\w*|premium|luxur\w+|first[- ]class|business class|deluxe|suite|vip|expensive|dear|surcharge|extra (?:charge|fee)|pays? (?:extra|more|for)|paid|higher price|for a (?:fee|charge)|wealthy|rich|affluent|well[- ]off|deep pockets|money (?:is|has|was) (?:no|never|not)|no object|comfort\w*|best|finest|treats? (?:him|her)self|spoils?|generous\w*|splash\w*|spends?|full wallet|company pays|expense account|gold|fee"),
    ("big", r"big\w*|large\w*|full|whole|complete\w*|all|every\w*|entire\w*|maximum|most|unlimited|bundle|everything|total|much|many|detail\w*|long|length\w*|thorough\w*|novels?"),
    ("small", r"small\w*|little|tiny|short|brief\w*|minim\w*|least|few(?:er)?|basic|simple|single|one|only|just|bare|essential\w*|summary|sums? up|two lines|one line|a word|few words|lite|half|compact|modest"),
    ("first", r"grabs? (?:the|whatever)|whatever (?:is|comes|\w+ is) (?:on )?(?:top|first|there)|machine (?:choose|decide|pick)|first|top|default\w*|suggest\w*|whatever|any|anything|whichever|at random|next best|on offer|given|proposed|what (?:he|she|it|they) gets?|does(?: not|n't) (?:care|matter) which|nearest|without (?:looking|choosing|comparing)"),
    ("compare", r"compar\w+|weigh\w*|several|various|reviews?|ratings?|rated|sort\w*|filter\w*|table|tests?|research\w*|offers?|looks? (?:around|at (?:many|several|all|other))|shops around|alternatives|pros and cons|others? (?:say|think|thought|wrote|guests|customers|people)"),
    ("read", r"reads?|reading|stud(?:y|ies|ied|ying)|learn\w*|understand\w*|explan\w+|explain\w*|instructions?|manual|terms|conditions|small print|fine print|leaflets?|details?|documentation|informs?|information|how it works|every word|careful\w*|check\w*|look(?:s|ed)? (?:into|up|closely)|examin\w*|verif\w*|inspect\w*|wants? to know|unread|report|before (?:he|she|they|i) (?:sign|decide|buy|pay|part|agree)\w*|attentive\w*|curious\w*|curiosity"),
    ("skim", r"unread|skip\w*|skim\w*|without reading|never reads?|does(?: not|n't) read|jumps?|straight (?:in|to)|blind\w*|clicks? through|scrolls?|glanc\w+|ignor\w+|impulsive\w*|hast(?:y|ily)|careless\w*|thoughtless\w*|gut"),
    ("private", r"priva\w+|secre\w+|anonym\w+|unnamed|data|personal|nobody'?s? (?:needs?|business|has to)|no one needs|strangers?|watch(?:es|ed)? (?:him|her|them)|track\w*|spi(?:es|ed)|spy\w*|stored?|record\w*|hid(?:e|es|den)|keeps? (?:it|his|her|things) (?:to|private)|distrust\w*|suspicious\w*|suspects?|paranoi\w*|mistrust\w*|discreet\w*|modest\w*|reveals?|wary|snoop\w*|surveill\w*"),
    ("share", r"shar(?:e|es|ed|ing)|allow\w*|access|agrees?|consent\w*|accept\w*|grants?|permits?|public\w*|show\w*|named|open book|nothing to hide|trust\w*|tells? everyone|posts?|install\w*|lets? (?:them|it|the)|enable\w*|subscrib\w*|turns? (?:it )?on|connects?|opts? in|joins?|sign(?:s|ed)? up|yes"),
    ("refuse", r"declin\w*|refus\w*|reject\w*|den(?:y|ies|ied)|opts? out|no thanks|turns? (?:it |them )?(?:off|down)|says? no|dismiss\w*|no\b|without it|never|against|objects?|disagree\w*|dispute\w*|unsubscrib\w*|keeps? it off|goes without|will not have|wants? no(?:thing|ne)?|leaves? (?:it )?(?:off|out|empty|blank)"),
    ("complain", r"complain\w*|refund|compensat\w*|angr\w+|furious\w*|rights?|demand\w*|claims?|objects?|object(?:s|ed)?|protest\w*|bad review|lawyer|full (?:amount|sum)|fobbed off|argu\w+|fights?|insist\w*|justice|principle\w*|cross|outrag\w*|quarrel\w*"),
    ("same", r"since (?:19|20)\d\d|(?:has|had|have) (?:had )?(?:this|the same)|com(?:es?|ing) (?:with|along)|by heart|regulars?|as ever|sticks? (?:to|with)|same|usual\w*|habit\w*|always (?:the|has|had|did|takes)|as (?:always|before|ever|it is|it was|they are)|stays?|unchanged|keeps?|kept|remain\w*|loyal\w*|known|familiar|for (?:\w+ )?years|used to|old|present|current|creature of|experiments?|routine|tradition\w*|conservative|faithful\w*"),
    ("new", r"new\w*|novel|experiment\w*|adventur\w*|something (?:new|else|different)|unknown|surpris\w*|discover\w*|curious\w*|explor\w*|tries? out|try (?:it )?out|variety|bored by|latest|innovat\w*|modern|trial|sample|taster|test drive"),
    ("photo", r"photo\w*|pictures?|images?|films?|filmed|video\w*|camera\w*|snaps?|scan\w*|selfie|pixels?"),
    ("text", r"writ(?:e|es|ing)|wrote|text\w*|describ\w*|words?|types?|typed|lines?|report|story|tale|comment\w*|form|essay|novel\w*|poet"),
    ("risk", r"insur\w*|cover\w*|safe\w*|secur\w*|protect\w*|risk\w*|guarantee\w*|warrant\w*|fear\w*|worr\w+|anxious\w*|nervous\w*|afraid|frets?|scar(?:ed|es)|cautious\w*|accident\w*|just in case|sorry|theft|stolen|damage\w*|scratch\w*|fixed"),
    ("daring", r"daring|gambl\w+|bold\w*|thrill\w*|adrenalin\w*|bet|bets|takes? (?:his|her|the) chances?|never had an accident|uninsured|carefree|what (?:will|may) (?:be|come)|optimis\w*|luck\w*|fearless\w*|sporty|sports?|reckless\w*"),
    ("certain", r"flexib\w*|refund\w*|cancell?ed|get back|commit\w*|binding|tied|plans? change|open|until the last|change (?:his|her|their) mind|prepaid|non-?refundable|for (?:a|one|two|three) years?|contract|monthly|each month|regular\w*|subscription|yearly|fixed|long[- ]term|once|one-off|a single time"),
    ("green", r"green|climate|environment\w*|eco\w*|organic|wind|sun|solar|planet|electric|nature|sustainab\w*|petrol|recycl\w*|vegan|vegetarian|bio|conscience"),
    ("space", r"luggage|suitcases?|room(?:y)?|space|children|kids|pram|estate|big family|family of|storage|leg ?room|bags"),
    ("kids", r"beginn\w*|novice|zero|start(?:s|ing)? from|basics|level|unsure|not sure|tutorial|lessons?|guided|easy|help|assist\w*|support\w*|inexperienced|first time"),
    ("pro", r"expert\w*|experienced|seasoned|veteran|knows? (?:how|what|the|his|her|every)|advanced|manual\w*|custom\w*|himself|own|skilled|professional|by hand|screw|settings|tinker\w*|developer|guess\w*|estimat\w*|self"),
    ("group", r"group|together|sociable|class|others|company|crowd|people|shared|team|meet\w*|talkative|extrovert\w*"),
    ("home", r"home|house|sofa|couch|door|deliver\w*|courier|brought|arriv\w*|sent|by post|at the door"),
    ("fetch", r"pick(?:s|ed)? (?:it |them )?up|collect\w*|fetch\w*|pick-?up|locker|van|on the way|passes? by|depot|trailer|drives? (?:it|them) there|brings?|brought"),
    ("give", r"accept\w*|takes? (?:it|the offer|what)|agree\w*|settle\w*|content|satisf\w*|peace|compromis\w*|half|easy-?going|does(?: not|n't) (?:argue|fuss)|fuss|fine with|gives? in|pragmatic\w*|puts? up with|swallow\w*|endur\w*|fine|pays? (?:it|up|the fine)"),
    ("improve", r"improv\w*|fix\w*|mend\w*|correct\w*|repair\w*|better (?:light|one)|smaller|shrink\w*|compress\w*|adjust\w*|cause|reason|why|finds? out|solv\w*|reboot\w*|restart\w*|investigat\w*"),
    ("buy", r"buy\w*|bought|purchas\w*|orders?|ordered|books?|booked|takes? (?:it|one)|own\w*|shop|adds? (?:it )?to|basket|cart|pay(?:s|ing)?"),
    ("look", r"only (?:look\w*|dream\w*|curious)|just (?:look\w*|brows\w*|curious|killing)|looks?|dream\w*|brows\w*|window[- ]shop\w*|out of (?:boredom|curiosity)|bored|sighs?|daydream\w*|no intention|by (?:mistake|accident)|never (?:buys|books|orders)|pictures of|not going to|not really interested|had a (?:peek|look)|undecided"),
    ("morning", r"mornings?|early bird|dawn|breakfast|sunrise|before work|gets? up early|up at (?:four|five|six|seven)|crack of dawn"),
    ("evening", r"evenings?|nights?|after (?:work|dinner|dark|his shift|her shift)|late|night owl|bedtime|midnight"),
    ("weekend", r"weekends?|saturdays?|sundays?|days? off|holidays?"),
    ("parts", r"instal+ments?|in parts|rates?|credit|loan|pays? later|on account|step by step|spread|monthly payments?|bit by bit"),
    ("cash", r"cash|coins?|bank ?notes?|purse|wallet"),
    ("card", r"cards?|plastic"),
    ("transfer", r"transfers?|invoices?|bank account|direct debit|wire"),
    ("quiet", r"quiet\w*|noise|noisy|silence|silent|peace\w*|light sleeper|sleeps? badly|courtyard|away from the"),
    ("near", r"near\w*|close(?:st)? (?:by|to)|walking distance|round the corner|next door|central\w*|cent(?:re|er)|location|distance|far|short way|on foot"),
    ("view", r"views?|sea|balcony|scenery|beautiful|pretty|style|looks|design|elegant"),
    ("points", r"points?|loyalty|member(?:ship)?s?|bonus|club|regulars?|frequent"),
    ("notify", r"notif\w*|remind\w*|alerts?|pushes|push|keep\w* (?:him|her|them) (?:informed|posted|up to date)|updates?|newsletters?"),
    ("gift", r"gifts?|presents?|donat\w*|charit\w*|wrap\w*|birthday|gives? away|surprise\w*"),
    ("print", r"prints?|printed|printout|paper|on paper|hard ?copy|download\w*|pdf|offline"),
    ("food", r"meat|fish|vegan|vegetarian|meal|menu|lunch|dinner|hungry|starving|cook\w*|eats?|salad|dish(?:es)?"),
    ("sport", r"sport\w*|athlet\w*|fit(?:ness)?|runs|runner|marathon|train(?:s|ing)|gym|cycl\w*|bikes?"),
    ("public", r"social media|post(?:s|ed)? it|tweets?|everyone|everybody|public\w*|proud\w*|vain|show(?:s|ing)? off|in print|famous"),
    ("hand", r"by hand|manual\w*|himself|herself|own hands|tinker\w*|craft\w*|do-it-yourself|diy|enters? (?:it|them|everything)"),
    ("import", r"import\w*|copy|copies|copied|reus\w+|from (?:last|the last|his|her)|already has|last (?:year|time)'?s?|autofill|upload\w*"),
    ("mend", r"repair\w*|mend\w*|fix\w*|workshop|restor\w*"),
    ("travel", r"train|bus|plane|flight|flies|drives?|car|ferry|ship|walk\w*|bicycle"),
    ("proof", r"proof|receipts?|confirm\w*|certificate|documents?|evidence|screenshots?|in writing"),
)  # fmt: skip
CONCEPTS = tuple(name for name, _ in _WORDS)
_COMPILED = tuple(re.compile(rf"\b(?:{words})\b", re.I) for _, words in _WORDS)


@lru_cache(maxsize=4096)
def concepts_in(text: str) -> NDArray[np.float32]:
    """1 for every concept that the words name, else 0; shape (len(:data:`CONCEPTS`),), not to be written to.

    Kept by text, since every decision asks it of the same clauses.
    """
    found = np.array([pattern.search(text) is not None for pattern in _COMPILED], np.float32)
    found.flags.writeable = False
    return found
