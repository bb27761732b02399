# ruff: noqa: E501
"""Plain-language cues of behaviour: phrases so common that no vector is needed to read them.

Each cue speaks for (+) or against (-) a trait; a negation in front of it turns it round.
"""

from __future__ import annotations

import re

from turbulence_app.llm.builtin.text import is_negated

_CUES: tuple[tuple[str, str], ...] = (
    (r"\bpatien(?:t(?!'s|s\b| (?:name|details|record|file|portal))|ce\b)(?! (?:details|data))", "patience+ visit+"),
    (
        r"\b(?:happ(?:y|ily)|used|content|willing|glad(?:ly)?|prepared|likes?|ready) (?:to |with )?(?:\w+ )?wait(?:ing|s)?\b|\bwaits? (?:\w+ )?"
        r"(?:calmly|quietly|gladly|happily|patiently|as long as)",
        "patience+",
    ),
    (
        r"\bimpatien\w+|\bno patience|\blittle patience|\b(?:loses?|losing|out of|short on) patience|\bshort fuse",
        "patience- visit-",
    ),
    (
        r"\b(?:minds?|bothers?|annoyed by|complains? about|hates?|detests?|(?:can(?:no|['’])t|cannot) (?:stand|bear|abide))\b.{0,25}\b(?:wait\w*|slow\w*|delays?|queues?|loading)",
        "patience-",
    ),
    (
        r"\b(?:wait\w*|slow\w*|delays?|queues?|loading)\b(?:(?!\bnot\b|n['’]t\b|\bnever\b).){0,30}\b(?:bothers?|annoys?|infuriates?|upsets?|drives?|disturbs?|troubles?)",
        "patience-",
    ),
    (
        r"\b(?:wait\w*|slow\w*|delays?|queues?|loading)\b.{0,25}(?:\bnot|n['’]t|\bnever) (?:really |much |ever )?(?:bother|annoy|upset|disturb|trouble|worry|matter)",
        "patience+",
    ),
    (
        r"(?:\bnot|n['’]t|\bnever|\bhardly|\bun)[ -]?(?:\w+ )?(?:troubled|bothered|annoyed|upset|worried|put off|disturbed) by .{0,25}\b(?:wait\w*|slow\w*|delays?|queues?)",
        "patience+",
    ),
    (
        r"\b(?:plenty of|lots of|all the|enough|takes? (?:her|his|their|my)|free) time\b|\ball (?:day|afternoon|evening|morning|night)\b",
        "visit+ think+",
    ),
    (
        r"\b(?:in a (?:hurry|rush)|pressed for time|busy|hurried|rushed|short of time|(?:no|little|hardly any|not much|only a moment of) (?:\w+ )?time|in haste|lunch break)",
        "visit- think-",
    ),
    (
        r"\b(?:tries|try|trying|clicks?|presses|hits|submits?)\b.{0,30}\b(?:again and again|over and over|repeatedly|until)",
        "persist+ leave-",
    ),
    (r"\b(?:persistent|stubborn|tenacious|perseveres?|relentless)", "persist+ leave-"),
    (
        r"\b(?:tries|try|trying|tried|has another go)\b.{0,20}\b(?:again|once more|one more time|another time)|\bretr(?:y|ies)\b",
        "persist+",
    ),
    (r"\b(?:gives?|giving|gave) up\b|\bthrow(?:s|ing)? (?:in )?the towel", "persist- leave+"),
    (
        r"\b(?:the )?first (?:error|problem|failure|obstacle|sign of trouble|hurdle|hiccup|hitch)\b|\bone (?:error|failure|mistake) and",
        "persist- leave+",
    ),
    (
        r"\b(?:easily|quickly|soon) (?:discouraged|frustrated|put off|defeated|bored|scared|overwhelmed)",
        "persist- leave+ patience-",
    ),
    (
        r"\btyp(?:es?|ing|ist|ed)\b.{0,30}\b(?:slow\w*|two fingers|one finger|single finger|laborious\w*|pain\w*|hunt\w*|effort|trouble)",
        "type_slow+",
    ),
    (
        r"\b(?:slow\w*|two[- ]finger\w*|one[- ]finger\w*|hunt[- ]and[- ]peck|laborious)\b.{0,20}\btyp(?:es?|ing|ist)\b|\bkey by key|\bhunts? (?:for|and)",
        "type_slow+",
    ),
    (
        r"\b(?:with|uses?|using) (?:one|two|a single|his index|her index) fingers?\b",
        "type_slow+",
    ),
    (
        r"\btyp(?:es?|ing|ist)\b.{0,30}\b(?:fast|quick\w*|swift\w*|speed|rapid\w*|lightning|blind\w*|hurried)",
        "type_slow-",
    ),
    (
        r"\b(?:fast|quick|swift|rapid|touch|hurried|blazing|speedy)\b.{0,15}\b(?:typ(?:es?|ing|ist)|keyboard|thumbs|fingers)",
        "type_slow-",
    ),
    (
        r"\b(?:typos?|mistypes?|misspell\w*|wrong key|spelling mistakes|typing (?:errors|mistakes)|clumsy|fat fingers|sloppy)",
        "errors+",
    ),
    (r"\b(?:accurate|precise|flawless|error-free|without (?:typos|errors|mistakes))", "errors-"),
    (
        r"\b(?:skips?|skipping|ignores?|omits?)\b.{0,40}\b(?:optional|fields?|questions?|whatever|anything|everything|not required|can be)",
        "skip+",
    ),
    (
        r"\b(?:blank|empty)\b|\bbare minimum|\b(?:only|just|nothing but|no more than|minimum)\b.{0,30}\b(?:required|mandatory|necessary|compulsory|needed|must)",
        "skip+",
    ),
    (
        r"\b(?:fills?|filling|completes?|answers?|enters?)\b.{0,25}\b(?:every|all|everything|each|optional|voluntary|whole|complete)",
        "skip-",
    ),
    (
        r"\b(?:every|all|each)\b.{0,20}\b(?:fields?|box|boxes|questions?)\b.{0,15}\b(?:filled|completed|answered)|\bas much detail",
        "skip-",
    ),
    (
        r"\b(?:reads?|checks?|studies|examines|goes through|going through|gone through|inspects?)\b.{0,40}\b(?:careful\w*|every|everything|each|all|thorough\w*|twice|word for word|fine print|small print|line)",
        "think+",
    ),
    (
        r"\b(?:thorough\w*|meticulous\w*|careful(?!ly skip)\w*|deliberate\w*|cautious\w*|methodical\w*|thoughtful\w*|hesita(?:nt|tes)\w*|double-checks?|ponders?|pedantic)",
        "think+",
    ),
    (
        r"\b(?:impulsive\w*|impulse|hast(?:y|ily)|careless\w*|reckless\w*|spontaneous\w*|snap decision|without (?:reading|thinking|looking|hesitation))",
        "think-",
    ),
    (
        r"\b(?:as (?:fast|quickly) as possible|rush(?:es)? through|clicks? through|straight away|right away|in no time)",
        "think-",
    ),
    (
        r"\b(?:cheap\w*|bargains?|frugal|thrifty|stingy|budget|discounts?|every (?:cent|penny)|save money|low(?:est)? price|price-conscious|short of (?:cash|money)|broke|miser\w*|afford)",
        "thrift+",
    ),
    (
        r"\b(?:money|price|cost) (?:is|are) (?:no object|irrelevant|no issue|not an issue)|\b(?:price|money|cost)s? (?:does not|doesn't|do not|don't) matter|\b(?:price|cost)s? (?:comes? second|plays? no (?:role|part))|\b(?:wealthy|affluent|luxury)",
        "thrift-!",
    ),
    (
        r"\b(?:privacy|suspicious|paranoi\w+|distrust\w*|sceptic\w*|skeptic\w*|wary|data protection|mistrust\w*)",
        "guard+!",
    ),
    (r"\btrusts?\b|\btrusting\b|\bnothing to hide|\bgullible|\bnaive", "guard-"),
)
_SAYINGS: tuple[tuple[str, str], ...] = (
    (r"\b(?:patience of|pour\w* (?:him|her|my)self|mak(?:es|ing)|made) (?:an? |another )*(?:saint|job|angel|angler|tea|coffee|cup)|\bas long as it takes|\bit takes its time", "patience+"),
    (r"\b(?:no|not a|hardly a) stranger to (?:wait\w*|queues?|delays?|slow\w*)", "patience+!"),
    (r"\b(?:slow\w*|delays?|wait\w*|queues?|loading\b.{0,12}) .{0,25}\bleaves? (?:him|her|them|me) (?:cold|unmoved|untroubled)", "patience+!"),
    (r"\b(?:slow\w*|delays?|wait\w*|queues?|loading)\b.{0,25}\b(?:never|not|nothing|no)\b.{0,15}\b(?:problem|issue|bother\w*|upsets?|mind\w*|trouble\w*|annoy\w*|worr\w+)", "patience+!"),
    (r"(?:\b(?:never|not|nobody|no one|hardly)|n['’]t)\b.{0,30}\b(?:mind(?:ed|s)?|los(?:e|es|t|ing) (?:his|her|their|my) (?:temper|patience|cool|calm)|complain\w*)\b.{0,30}\b(?:wait\w*|slow\w*|delays?|queues?|load\w*|page)", "patience+!"),
    (r"\btime is money|\ban eternity|\b(?:taps?|tapp\w+|drums?|drumm\w+) (?:his|her|their|my|the) (?:foot|feet|fingers?|pen)|\broll(?:s|ed) (?:his|her|their) eyes", "patience- visit-!"),
    (r"\b(?:closed|shut|slammed|clapped|slams?|shuts?|closes?) (?:the|his|her|my|that)? ?(?:laptop|page|tab|browser|lid|tablet|window|site|app)\b", "patience- leave+ persist-"),
    (r"\b(?:(?:after|within|in|more than) )?(?:two|three|four|five|ten|a few|\d+) seconds?,? (?:and|or|later|then|at most|is|are|at best|feels?)\b", "patience-"),
    (r"\bno(?:t|body) (?:who |one |one of those |the (?:sort|kind|type) )?(?:who |for |to |that )?(?:waits?|waiting|queues?)\b|\bnot the waiting (?:kind|sort|type)|\bwon['’]t wait", "patience-!"),
    (r"\b(?:stops? at nothing|no for an answer|tak(?:es?|ing) more than .{0,30} to (?:stop|deter|discourage|shake|put)|hard to (?:discourage|stop|deter|put off|shake)|like a (?:terrier|bulldog|dog with a bone)"
     r"|come (?:what may|hell)|even if it takes|until (?:it|the \w+|everything) (?:works?|worked|goes|went|is through|is full)|not a quitter|at first .{0,20} succeed|hangs? (?:on|in) there|sticks? to (?:his|her|their) guns)", "persist+ leave-!"),
    (r"\b(?:cold feet|no (?:staying power|stamina|backbone)|calls? it a day|called it a day|folds?\b|loses? heart|lost heart|packs? it in|white flag|the sponge|end of (?:the )?(?:it|story))", "persist- leave+"),
    (r"\b(?:mulls?|measures? twice|thinks? (?:long|twice|hard|three times|it over)|sleeps? on it|weighs? (?:every|each|up|it|things)|looks? before (?:he|she|they) leaps?|ponder\w*)", "think+"),
    (r"\bhaste\b|\bfrom the hip|\b(?:clicks?|acts?|presses|signs?|buys?|leaps?|agrees?) (?:first|before)\b|\b(?:on|by) (?:an? )?impulse|\b(?:split second|heartbeat)\b|\bgut\b", "think-"),
    (r"\bnothing but time|\b(?:in )?no (?:hurry|rush|haste)\b|(?:\b(?:not|never)|n['’]t) (?:in a (?:hurry|rush)|pressed for time|rushed|hurried)|\ball the time in the world", "visit+!"),
    (r"\bfast\b(?=[.,;!]|$)|\b(?:in|always in|on) (?:a |the )?(?:hurry|rush|run|go)\b|\bevery minute counts|\b(?:train|taxi|bus|flight|plane|meeting) (?:leaves|starts|is waiting|goes)|\bon the road\b", "visit-"),
    (r"\bten[- ]finger\w*|\bfingers? (?:fly|flies|dance|race|flew)|\btyp(?:es?|ing|ed) (?:blind|like lightning|faster than)", "type_slow-"),
    (r"\b(?:agony|chore|torture|ordeal|torment)\b", "type_slow+"),
    (r"\bspell(?:s|ing)\b", "errors-"),
    (r"\b(?:wrong (?:letters?|keys?|buttons?)|spelling mistakes|mistypes?|typos?|fat fingers|shaky hands|(?:hits?|presses) .{0,12}wrong)", "errors+"),
    (r"\bfree (?:of|from) (?:errors?|mistakes?|typos?)|\bnot a single (?:typo|mistake|error)", "errors-!"),
    (r"\bnever fills? (?:in |out )?(?:what|anything)\b|\b(?:no|not a|not one) (?:more|letter more|word more|line more)\b|\b(?:no|not) more than (?:needed|necessary|required|(?:he|she) must)|\bfills? in (?:only )?what (?:he|she|they|i) must", "skip+!"),
    (r"(?<!no )(?<!not )\bmore than (?:is |was )?(?:asked|required|needed|necessary)\b|\bleaves? no (?:line|box|field|question)s? (?:open|empty|blank|out)|\bnothing (?:blank|empty|out)\b", "skip-!"),
    (r"\b(?:penny-pinch\w*|purse strings|tight with|every (?:euro|dollar|pound|coin|cent|penny)|counts? (?:his|her|their|the) (?:coins|pennies|cents))\b", "thrift+"),
    (r"\bdeep pockets|\b(?:money|price|cost|fee)s? (?:is|are|was|has been|has|have|never)(?: been)? (?:of no interest|never (?:been )?a problem|not a problem|no problem|no issue|secondary|never a|no concern)|\bfull wallet", "thrift-!"),
    (r"\bwait(?:ed|s)? for worse|\bfold(?:s|ed) (?:his|her|their) (?:hands|arms)|(?:\b(?:not|never)|n['’]t) (?:get|become|grow|turn) (?:upset|annoyed|angry|nervous|impatient|cross)", "patience+!"),
    (r"\bhat(?:es|ed|e) it when .{0,30}\b(?:long|slow\w*|hang\w*|load\w*|wait\w*)|\b(?:slow|hung|hangs?|stalled|froze|loading|load)\b.{0,40}\b(?:elsewhere|to a(?:nother| rival| different)|was off|was gone|left|leaves|away (?:he|she|they) went)\b"
     r"|\b(?:wait\w*|queues?)\? (?:no|never|not)\b|\bnever good at wait\w*", "patience-!"),
    (r"\b(?:start(?:s|ed)?|begins?|began) (?:\w+ )?(?:over|anew|from scratch|again)|\bobstinate\w*|\b(?:errors?|failures?|obstacles?|problems?) (?:are|is) (?:there|made|only|just)\b|\b(?:fail\w*|broke|crash\w*|went wrong)\b.{0,60}\b(?:again|once more|another go|anew|over)\b", "persist+"),
    (r"\bgiven (?:up|in)\b|\bnever (?:came|comes|went|goes|returned|returns) back|\blets? it (?:go|be|drop|rest|lie)\b|\bfirst .{0,30} is (?:also )?(?:the|his|her|their) last|\bseen enough|\b(?:fail\w*|broke|crash\w*|went wrong|error)\b.{0,50}\b(?:forgot|left|leaves|never touched|had enough|was off|history|was over|home)\b", "persist- leave+"),
    (r"(?:\b(?:not|never|nothing)|n['’]t) .{0,30}\b(?:anything|a thing|unless|until|before)\b.{0,25}\b(?:read|understood|checked|looked)\b|\bnothing (?:he|she|they|i) (?:has|have)(?:n['’]t| not) (?:read|checked)", "think+!"),
    (r"\bnot one to (?:study|read|think|ponder)|n['’]t one to (?:study|read|think|ponder)|\bskips? (?:all |the |every |any )?(?:texts?|explanations?|instructions?|reading|words)\b", "think-!"),
    (r"\b(?:barely|hardly|scarcely) (?:an?|any) (?:minute|moment|time|second)|\bnot got all day|n['’]t (?:got|have) all day", "visit-!"),
    (r"\btime on (?:his|her|their|my) hands", "visit+"),
    (r"\bpecks?\b", "type_slow+"),
    (r"\b(?:seldom|rarely|hardly|never) .{0,25}\b(?:right|correct\w*) (?:at|the|on) (?:the )?first", "errors+!"),
    (r"\bskips? (?:what|whatever|everything|anything|all)(?: that)? (?:is |can be )?(?:voluntary|optional|left|not)", "skip+"),
    (r"\bspeed of (?:light|sound)|\bnever looks? back|\bwithout looking back|\braces? through", "think-!"),
    (r"\b(?:seen|known|waited) (?:slower|longer|worse)", "patience+!"),
    (r"\b(?:up|round) the (?:wall|bend)\b", "patience-!"),
    (r"\b(?:lacks?|no|without) (?:endurance|perseverance|tenacity|stamina)|\b(?:single|smallest|slightest|tiniest) (?:obstacle|error|problem|hitch|failure|hurdle)", "persist- leave+!"),
    (r"\b(?:again and again|over and over|time and again|until (?:it|the \w+|everything|something) (?:gives|works|is done|goes|obeys|responds)|until (?:his|her|their|my) (?:fingers?|thumbs?|hands?)|broken record|blue in the face|as (?:often|many times|long) as (?:it takes|needed|necessary))\b", "persist+ leave-!"),
    (r"\b(?:los(?:e|es|t|ing) interest|lost interest|attention span of|bored (?:within|in|after)|attention wanders)\b", "visit- patience- leave+"),
    (r"\b(?:sweet time|whole (?:free )?(?:afternoon|evening|morning|day|weekend)|all (?:afternoon|evening|morning|day|weekend)|hours? to spare|no (?:particular )?hurry|an? (?:hour|afternoon|evening) (?:or two )?(?:for|on|over) (?:this|it))\b", "visit+ think+!"),
    (r"(?:\b(?:not|never|rarely|seldom|hardly)|n['’]t)\b.{0,30}\b(?:twice|a second (?:time|try|chance|attempt)|again|more than once)\b(?!.{0,20}\bmistake)", "persist- leave+!"),
    (r"\b(?:(?:could|can)(?:n['’]t| not) care less|does(?:n['’]t| not) (?:care|matter|mind)|(?:is )?all the same|no matter|never asks?)\b.{0,30}\b(?:how (?:long|slow)|wait\w*|slow\w*|loads?|loading)|\bcan wait for (?:an?|the) (?:page|site|answer)|\b(?:got|has|with) (?:a|his|her|my|their) (?:podcast|knitting|crossword|novel|book|coffee)", "patience+ visit+!"),
    (r"\b(?:(?:set|sets|setting) aside|blocks? (?:off|out)|takes? off|makes? a|devotes?|spends?) (?:the|a|an|his|her|my) (?:whole |entire |full |free )?(?:afternoon|evening|morning|day|weekend)|\b(?:whole|entire|full) (?:free )?(?:afternoon|evening|morning|day|weekend)", "visit+ think+!"),
    (r"\b(?:required|mandatory|compulsory|optional|needed) or (?:not|optional|otherwise)\b|\bwhether (?:\w+ ){0,3}(?:required|mandatory|compulsory|optional|needed)|\beverything (?:they|it|the form) asks?", "skip-!"),
    (r"\bno time (?:to|for) (?:think|mull|ponder|read|compare|weigh)", "think- visit-!"),
    (r"\bdoes(?:n['’]t| not) (?:stop|pause) to (?:think|read|look)|\bnever stops? to (?:think|read|look)", "think-!"),
    (r"\b(?:knit\w*|hum(?:s|med)?|whistl\w*|read|reads|water(?:ed|s)|poured?|brew\w*|made|makes|crossword|stretch\w*|chats?|chatted|daydream\w*|nap\w*|tea|coffee|novel|newspaper)\b.{0,40}\b(?:while|until|till|as) .{0,40}\b(?:spins?|spun|bar|hourglass|load\w*|slow\w*|crept|crawl\w*|dawdl\w*|page|site|server|it|trickl\w*)\b", "patience+ visit+!"),
    (r"\b(?:slow|lag\w*|wait\w*|delays?) is (?:fine|ok(?:ay)?|alright|all right|no big deal)|\blaid[- ]back|\bcool as a|\beasy-?going|\bsit(?:s|ting)? (?:around|it out|through|tight)\b|\bhangs? around\b|\bunruffled|\bunfazed|\bchill(?:s|ed)?\b|\bkeeps? (?:calm|cool|the tab open)|\bkept (?:calm|cool|waiting|the tab open)|\bin (?:his|her|their) own (?:sweet )?time", "patience+ visit+"),
    (r"\b(?:bails?|bolts?|splits?|is off|was off|gone|out of here|outta here|flees?|vanish\w*|clicks? away|swipes? (?:it )?away|hits? (?:the )?back)\b.{0,40}\b(?:slow\w*|lag\w*|load\w*|seconds?|stutter\w*|spinner|wait\w*|spins?|hangs?|freez\w*|right away|instantly)|\b(?:slow\w*|lag\w*|load\w*|stutter\w*|spinner|spins?|hangs?|freez\w*|right away|instantly|counted to|counts? to)\b.{0,40}\b(?:bails?|bolts?|off|gone|out of here|outta here|flees?|vanish\w*|clicks? away|dead to|deleted|history)\b", "patience- leave+!"),
    (r"\b(?:antsy|fidget\w*|jittery|itchy|on edge|seeth\w*|fum(?:es|ing)|blows? a (?:fuse|gasket)|loses? it|lost it|flies off the handle|skin crawl|come on|hurry up|drives? (?:him|her|me|them) (?:mad|crazy|nuts|insane))\b", "patience-"),
    (r"\b(?:zero|no|little|scant) (?:tolerance|patience|time) (?:for|with) .{0,20}\b(?:lag\w*|slow\w*|wait\w*|delays?|queues?|load\w*)", "patience-!"),
    (r"\b(?:in and out|in, out|make it (?:snappy|quick)|double-parked|boarding|elevator|meter is running|deadline|due (?:today|tonight|in an hour)|late for|running late|already late|five minutes (?:left|before|until|till)|(?:wants|needs|has) to be (?:gone|out|done|off)|between (?:meetings|shifts|classes|calls|patients|lectures)|on (?:his|her|their|my) way|with one (?:hand|eye)|(?:two|three|four|five|ten) minutes (?:to|flat)|out of (?:there|here) as (?:soon|fast))\b", "visit-"),
    (r"\b(?:rainy|whole|entire|free|slow|long) (?:sunday|saturday|afternoon|evening|weekend|morning|day)s?\b|\bnothing (?:on|else on|in) (?:the|his|her|their|my) (?:calendar|diary|schedule|agenda)|\bno (?:plans|appointments)\b|\bretired and\b|\bkill(?:s|ing)? time\b|\bmakes? (?:a day|an afternoon|an evening|a hobby) of", "visit+!"),
    (r"\b(?:rolled up (?:his|her|their|my) sleeves|grits? (?:his|her|their|my) teeth|gritted|plugg(?:s|ing|ed) away|keeps? (?:at it|going|plugging|hammering|pounding|bashing)|kept (?:at it|going|trying|pressing|clicking|hitting|hammering)|no is not an answer|shot after shot|round after round|time after time|(?:three|four|five|six|seven|eight|nine|ten|twelve|dozen|twenty) times (?:in a row|on|last|before|until)|as many (?:times|goes|tries|attempts) as|however (?:often|many|long)|no matter how (?:often|many)|gets? back (?:up|on)|won['’]t (?:be beaten|let (?:it|go)|rest|stop)|(?:would|will) (?:sooner|rather) .{0,20} than (?:quit|give (?:up|in)|stop))\b", "persist+ leave-!"),
    (r"\b(?:one and done|one strike|first snag|takes? the hint|takes? a hint|it fails, it fails|wasn['’]t meant to be|not meant to be|throws? (?:his|her|their|my) hands up|threw (?:his|her|their|my) hands up|hiccup\w*.{0,20}(?:put|closed|left|away)|doesn['’]t (?:beg|push|fight|insist|argue)|not (?:one|the type|the kind|a man|a woman) to (?:push|insist|fight|retry|try)|has not been back|hasn['’]t been back|no fight in|(?:fail\w*|broke|error\w*|bug|glitch\w*|click)\b.{0,30}\b(?:walked|wandered|deleted|closed|shrugg\w*|competitor|rival|that was (?:it|that)))", "persist- leave+!"),
    (r"\b(?:pros and cons|black and white|combs? (?:through|over)|pencil|ruler|highlighter|spreadsheet|notebook|hovers? over|fine-tooth|stickler|pore[sd]? over|poring|scrutini\w+|weigh(?:s|ed)? (?:up|every|each)|slept (?:on|two nights|a night)|turns? (?:each|every) (?:page|word|stone|penny|cent)|second thoughts|better safe|twice over|checklist|agoni[sz]\w*|dither\w*|deliberat\w+|in no rush to decide)\b", "think+"),
    (r"\b(?:on a whim|first thought|goldfish|blink of an eye|before (?:you|anyone) can|shoots? first|hits? (?:ok|okay|yes|next)|next, next|yeah,? yeah|no second thought|doesn['’]t (?:overthink|think twice|deliberate)|clicks? (?:whatever|anything|away|on)|swipes? through|zips? through|breez\w+ through|barrels?|head over heels|in two clicks|trigger-happy|fires? (?:off|away)|skims?)\b", "think-!"),
    (r"\b(?:fingers?|hands?|thumbs?|wrist|arm)\b.{0,15}\b(?:in a cast|broken|stiff|arthritic|clumsy|numb|swollen|bandaged)|\barthriti\w+|\bgloves\b|\bstylus|\bone (?:letter|key|thumb) (?:at a time|only|and)|\bnever learn(?:ed|t) to type|\b(?:searches|looks|hunting|searching|looking) for (?:the|each|every) (?:letters?|keys?)|\bkeyboard is (?:a mystery|foreign|new|a maze)|\b(?:quarter of an hour|ages|forever|minutes) to (?:write|type|enter|tap)", "type_slow+!"),
    (r"\b(?:court (?:reporter|stenographer)|stenograph\w+|dictation|typing (?:whiz|champion|pool)|blur (?:on|over|across)|quick (?:hands|fingers|thumbs)|nimble|before you(?:['’]ve| have)? blink\w*|(?:quicker|faster) than (?:anyone|most|you|she can|he can)|\d{2,3} wpm|keyboard (?:whiz|wizard|ninja))\b", "type_slow-!"),
    (r"\b(?:butterfingers|all thumbs|garbled|backspac\w*|back to (?:fix|correct)|can['’]t spell|cannot spell|swaps?|swapped|mixes? up|mixed up|mix-ups?|wrong (?:street|date|digit|number|box|field|name|letter)s?|has to (?:re-?enter|redo|retype|fix|correct)|corrects? (?:him|her|my|them)sel\w+|twice because|dyslex\w+|slips?|bloopers?|oops)\b", "errors+"),
    (r"\b(?:spot[- ]on|dead accurate|right (?:the )?first time|not a (?:slip|single)|clean as a|to the comma|word[- ]perfect|letter[- ]perfect|never (?:a|once a|makes? an?) (?:typo|slip|mistake|error)|proof-?reader|impeccable|immaculate|hits? every key)\b", "errors-!"),
    (r"\b(?:starred|asterisk\w*|star next to)\b|\bnothing (?:besides|beyond|more than (?:that|needed|required|asked))|\bnot a (?:stroke|word|letter|syllable) (?:more|beyond)|\b(?:must-haves?|bare bones|strict minimum|absolute minimum)\b|\b(?:nosy|prying|intrusive) (?:forms?|questions?|boxes)|\bnone of their business|\bwhy (?:would|do|should) (?:they|anyone) (?:need|want|ask)|\b(?:white|bare|untouched|unanswered)\b(?=[.,;!]|$)|\bpasses? over|\b(?:ditch|dodg|sidestep)\w* .{0,20}\b(?:questions?|fields?|boxes)", "skip+!"),
    (r"\b(?:top to bottom|every (?:last )?(?:little )?(?:box|blank|line|field|question)(?! (?:blank|empty|out|open|that|which))|each (?:little )?(?:box|blank|line|field|question)(?! (?:blank|empty|out|open|that|which))|life story|chapter and verse|even (?:the|put|gives?|adds?|lists?|tells?|fills?) .{0,20}(?:name of|middle name|nickname|hobb\w+|optional|voluntary)|there to be (?:completed|filled)|hates? (?:empty|blank|bare) (?:boxes|fields?|lines?)|can['’]t (?:leave|bear|stand) .{0,15}(?:empty|blank|bare)|never leaves? (?:a|any|one) .{0,15}(?:empty|blank|out|open))\b", "skip-!"),
    (r"\b(?:tips? (?:like|well|big|heavily)|(?:flies|travels|goes) business|money burns|burn(?:s|ing) a hole|drops? cash|top of the line|never asks? (?:what|the price|how much)|no expense spared|spares? no expense|cost be damned|sky is the limit|loaded\b(?! page))", "thrift-!"),
    (r"\b(?:coupons?|pinch\w* pennies|every (?:buck|dime|nickel|quid|quarter)|nickel-and-dim\w+|markdowns?|scrimp\w*|skint|strapped|cash-strapped|hard up|on the dole|between jobs|maxed out|penniless|live on little|pay ?day is far)\b", "thrift+"),
    (r"\b(?:false (?:birthday|name|number)|burner|taped? over|webcam|burned (?:once|by)|scammed|con m[ae]n|phish\w*|leaks?|identity theft|big brother|who is behind|vpn|incognito|alias\w*|spied)\b", "guard+"),
)  # fmt: skip
_TURNED_AFTER = re.compile(
    r"^\W*(?:(?!(?:that|who|which|because|if|when|where|and|or|but)\b)\w+\W+){0,2}?(?:(?:is|was|are|were|has|have|does|do|did)(?:n['’]t| not| never| hardly| rarely)\b|(?:is|are|was) (?:foreign|alien|unknown|no\b)"
    r"|\? (?:never|no|not)\b|never heard|not (?:her|his|their|my))",
    re.I,
)
"""`Patience is not her strong suit`: what turns a cue round from behind."""
_COMPILED = tuple((re.compile(pattern, re.I), labels) for pattern, labels in (*_CUES, *_SAYINGS))


def cued_traits(clause: str) -> dict[str, float]:
    """Trait to +1 or -1 for every cue that stands in the clause; ``!`` in the table keeps its sign under negation."""
    found: dict[str, float] = {}
    for pattern, labels in _COMPILED:
        match = pattern.search(clause)
        if match is None:
            continue
        behind = bool(_TURNED_AFTER.match(clause[match.end() :]))
        turned = -1.0 if not labels.endswith("!") and is_negated(clause[: match.start()] + " .") != behind else 1.0
        for label in labels.rstrip("!").split():
            found[label[:-1]] = (1.0 if label.endswith("+") else -1.0) * turned
    return found
