"""Texts that would run a script, if anything took them for more than text. ``RUN`` is the call that tells."""

from __future__ import annotations

RUN = "hit()"
"""Calls the function that the tests listen to."""

_ELEMENTS = """
<script>RUN</script>
<SCRIPT SRC=data:text/javascript,RUN></SCRIPT>
</script><script>RUN</script>
<scr<script>ipt>RUN</scr</script>ipt>
<script type=module>RUN</script>
<script/x>RUN</script/x>
<noscript><p title="</noscript><img src=x onerror=RUN>">
<template><script>RUN</script></template>
<iframe srcdoc="<script>parent.RUN</script>"></iframe>
<iframe src="javascript:parent.RUN"></iframe>
<object data="data:text/html,<script>parent.RUN</script>"></object>
<embed src="javascript:RUN">
<base href="javascript:RUN//">
<link rel=stylesheet href="data:text/css,*{color:red}" onload=RUN>
<meta http-equiv=refresh content="0;url=javascript:RUN">
<form action=javascript:RUN><button>Send</button></form>
<form><button formaction=javascript:RUN>Send</button></form>
<isindex type=image src=x onerror=RUN>
<img src="https://evil.example/?leak">
<style>*{background:url(https://evil.example/?leak)}</style>
<prospectus-chat api="data:," open="" title="x"></prospectus-chat><img src=x onerror=RUN>
""".split("\n")

_HANDLERS = """
<img src=x onerror=RUN>
<img src=x:x onerror="RUN" alt="a">
<img/src=x/onerror=RUN>
<IMG SRC=X ONERROR=RUN>
<img src="x` `onerror=RUN">
<img src=x onerror=&#x68;it()>
<body onload=RUN>
<svg onload=RUN>
<svg/onload=RUN>
<svg><script>RUN</script></svg>
<svg><animate onbegin=RUN attributeName=x dur=1s>
<svg><set attributeName=href to=javascript:RUN /><a><text>x</text></a></svg>
<svg><a xlink:href="javascript:RUN"><text y=20>Fees</text></a></svg>
<svg><foreignObject><img src=x onerror=RUN></foreignObject></svg>
<math><mtext><table><mglyph><style><img src=x onerror=RUN></style></mglyph></table></mtext></math>
<video><source onerror=RUN></video>
<audio src=x onerror=RUN>
<details open ontoggle=RUN><summary>Fees</summary></details>
<input autofocus onfocus=RUN>
<select autofocus onfocus=RUN></select>
<textarea autofocus onfocus=RUN></textarea>
<p tabindex=0 autofocus onfocus=RUN>Fees</p>
<marquee onstart=RUN>Fees</marquee>
<style>@keyframes k{}</style><p style="animation:k 1ms" onanimationstart=RUN>Fees</p>
<p style="transition:color 1ms" ontransitionend=RUN>Fees</p>
<div popover id=p onbeforetoggle=RUN>Fees</div><button popovertarget=p>Fees</button>
<a href="javascript:RUN">Fees</a>
<a href="jav&#x09;ascript:RUN">Fees</a>
<a href="data:text/html,<script>opener.RUN</script>" target=_blank>Fees</a>
""".split("\n")

_BREAKOUTS = """
" onmouseover="RUN" autofocus onfocus="RUN" x="
' onfocus='RUN' autofocus x='
"><img src=x onerror=RUN>
'><svg onload=RUN>
--><img src=x onerror=RUN><!--
]]><img src=x onerror=RUN>
</textarea><img src=x onerror=RUN>
</title><img src=x onerror=RUN>
</style><img src=x onerror=RUN>
";RUN;//
';RUN;'
\\";RUN;//
`${RUN}`
${RUN}
{{constructor.constructor('RUN')()}}
<%= RUN %>
#{RUN}
[[${RUN}]]
@import "javascript:RUN";
expression(RUN)
url(javascript:RUN)
*{background:url("https://evil.example/?leak")}
![fees](x "onerror=RUN")
[fees](javascript:RUN)
[fees](https://evil.example/ "a" onmouseover=RUN)
<https://evil.example/?leak>
""".split("\n")

_UNICODE = [
    "\uff1cscript\uff1eRUN\uff1c/script\uff1e",  # full-width brackets
    "\u202e<img src=x onerror=RUN>\u202c",  # written from right to left
    "<img\u00a0src=x\u2028onerror=RUN>",
    "<\ufeffscript>RUN</script>",
    "java\u00adscript:RUN",
    "\u2028<script>RUN</script>\u2029",
    "%3Cscript%3ERUN%3C/script%3E",
    "&lt;script&gt;RUN&lt;/script&gt;",
    "&#60;img src=x onerror=RUN&#62;",
    "+ADw-script+AD4-RUN+ADw-/script+AD4-",
    "\\u003cscript\\u003eRUN\\u003c/script\\u003e",
    "<ſcript>RUN</ſcript>",  # the long s is upper-case S to some
]

_NAMES = """
<img name=currentScript src=x>
<form id=attachShadow><input name=innerHTML></form>
<a id=customElements></a><a id=fetch href=javascript:RUN></a>
<img id=documentElement><img name=body>
<input name=textContent><input name=append>
__proto__
constructor
prototype
toString
hasOwnProperty
{"__proto__": {"innerHTML": "<img src=x onerror=RUN>"}}
constructor[prototype][onerror]=RUN
""".split("\n")

_ADDRESSES = """
javascript:RUN
JaVaScRiPt:RUN
javascript://www.example.edu/%0aRUN
 javascript:RUN
java\tscript:RUN
\x01javascript:RUN
data:text/html,<script>opener.RUN</script>
data:text/html;base64,PHNjcmlwdD5oaXQoKTwvc2NyaXB0Pg==
vbscript:RUN
blob:https://www.example.edu/1
file:///etc/passwd
view-source:https://www.example.edu/
ftp://www.example.edu/
//evil.example/
\\\\evil.example\\x
https:evil.example
https://www.example.edu@evil.example/
https://www.example.edu.evil.example/
https://evil.example#https://www.example.edu/
https://evil.example\\@www.example.edu/
https://www.example.edu:8443/
https://www.ex\u0430mple.edu/
http://[half an address
""".split("\n")


def _all(*groups: list[str]) -> list[str]:
    return [each.replace("RUN", RUN) for group in groups for each in group if each]


TEXTS = _all(_ELEMENTS, _HANDLERS, _BREAKOUTS, _UNICODE, _NAMES)
"""For everything that is shown as text."""

ADDRESSES = _all(_ADDRESSES)
"""For the address of a source, where the document is from www.example.edu."""
