// What measuring.py asks of a page. Evaluated as a function of the name of what is wanted.
(wanted) => {
  const everything = (root) =>
    [...root.querySelectorAll("*")].flatMap((each) =>
      each.shadowRoot ? [each, ...everything(each.shadowRoot)] : [each],
    );
  const widgets = [...document.querySelectorAll("prospectus-chat")];
  const inside = widgets.flatMap((each) => everything(each.shadowRoot));
  const isShown = (element) => {
    const { width, height } = element.getBoundingClientRect();
    const isForTheEarOnly = Math.max(width, height) < 2;
    return !isForTheEarOnly && element.checkVisibility({ opacityProperty: true, visibilityProperty: true });
  };
  const shown = inside.filter(isShown);

  const named = (element) => {
    const name = element.getAttribute("aria-label") ?? element.textContent;
    return `${element.localName}[${element.getAttribute("part") ?? ""}] ${name.trim().slice(0, 40)}`;
  };

  // Contrast of text, WCAG 2.2, 1.4.3.
  const contrast = () => {
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
    // Any notation that CSS has, as red, green, blue and alpha from 0 to 1.
    const rgba = (color) => {
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = color;
      canvas.fillRect(0, 0, 1, 1);
      return [...canvas.getImageData(0, 0, 1, 1).data].map((each) => each / 255);
    };
    const over = ([r, g, b, a], below) => [r, g, b].map((each, at) => each * a + below[at] * (1 - a));
    const luminance = (color) =>
      color
        .map((each) => (each <= 0.04045 ? each / 12.92 : ((each + 0.055) / 1.055) ** 2.4))
        .reduce((sum, each, at) => sum + each * [0.2126, 0.7152, 0.0722][at], 0);
    const ratio = (one, other) => {
      const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
      return (light + 0.05) / (dark + 0.05);
    };
    const lineage = (element) => {
      const found = [];
      for (let at = element; at; at = at.parentElement ?? at.getRootNode().host) found.push(at);
      return found;
    };
    const poor = [];
    let judged = 0;
    const judge = (element, pseudo, text) => {
      const style = getComputedStyle(element, pseudo);
      const styles = lineage(element).map((each) => getComputedStyle(each));
      const background = styles.reduceRight((below, each) => over(rgba(each.backgroundColor), below), [1, 1, 1]);
      const opacity = styles.reduce((product, each) => product * Number(each.opacity), 1);
      const [r, g, b, a] = rgba(style.color);
      const found = ratio(over([r, g, b, a * opacity], background), background);
      const size = parseFloat(style.fontSize);
      const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
      judged += 1;
      if (found < (isLarge ? 3 : 4.5) - 0.005) poor.push(`${found.toFixed(2)} ${named(element)}: ${text}`);
    };
    for (const element of shown) {
      if (element.matches(":disabled, :disabled *")) continue;
      if (element.placeholder && !element.value) judge(element, "::placeholder", element.placeholder);
      for (const node of element.childNodes) {
        const text = node.nodeType === Node.TEXT_NODE ? node.data.trim() : "";
        if (text) judge(element, undefined, text.slice(0, 30));
      }
    }
    return { judged, poor };
  };

  // What can be pressed.
  const targets = () =>
    shown
      .filter((each) => each.matches("button, a[href], input, textarea, select, summary, [tabindex='0']"))
      .map((each) => {
        // A label is part of what can be pressed.
        const whole = (each.matches("input[type=checkbox]") && each.closest("label")) || each;
        const { width, height } = whole.getBoundingClientRect();
        return { name: named(each), part: each.getAttribute("part") ?? "", width, height };
      });

  // What makes the page or a part of it scroll sideways, leaves the window or is cut off.
  const stickingOut = () => {
    const found = [];
    const { scrollWidth } = document.scrollingElement;
    if (scrollWidth > innerWidth) found.push(`the page is ${scrollWidth} px wide`);
    for (const element of shown) {
      const { left, right } = element.getBoundingClientRect();
      if (right > innerWidth + 0.5 || left < -0.5) found.push(`${named(element)} from ${left} to ${right}`);
      const isWider = element.clientWidth > 0 && element.scrollWidth > element.clientWidth + 1;
      const scrolls = ["auto", "scroll"].includes(getComputedStyle(element).overflowX);
      if (isWider && scrolls) found.push(`${named(element)} scrolls sideways`);
      if (isWider && element.matches("button, p, h2, h3, li, label")) found.push(`${named(element)} is cut off`);
    }
    return found;
  };

  // What has a transition or an animation that takes time.
  const moving = () => {
    const longest = (value) => Math.max(...value.split(",").map(parseFloat));
    const found = [];
    for (const element of inside) {
      for (const pseudo of [undefined, "::before", "::after"]) {
        const style = getComputedStyle(element, pseudo);
        const transition = style.transitionProperty === "none" ? 0 : longest(style.transitionDuration);
        const animation = style.animationName === "none" ? 0 : longest(style.animationDuration);
        if (Math.max(transition, animation) > 0.01) found.push(`${named(element)}${pseudo ?? ""}`);
      }
      if (getComputedStyle(element).scrollBehavior === "smooth") found.push(`${named(element)} scrolls smoothly`);
    }
    return found;
  };

  // What has the focus, and whether that can be seen.
  const focused = () => {
    let at = document.activeElement;
    while (at?.shadowRoot?.activeElement) at = at.shadowRoot.activeElement;
    const around = [at, at.closest("label"), at.closest("form"), at.parentElement].filter(Boolean);
    const isSeen = around
      .map((each) => getComputedStyle(each))
      .some((style) => style.outlineStyle !== "none" || style.boxShadow !== "none");
    return { name: named(at), isSeen };
  };

  // What an element of the widget may be and have, where text is only ever text.
  const markup = () => ({
    tags: [...new Set(inside.map((each) => each.localName))],
    attributes: [...new Set(inside.flatMap((each) => each.getAttributeNames()))],
    addresses: inside.flatMap((each) =>
      ["href", "src", "action", "formaction", "data", "srcset", "xlink:href", "ping", "poster"]
        .filter((name) => each.hasAttribute(name))
        .map((name) => `${name}=${each.getAttribute(name)}`),
    ),
  });

  // Ends when nothing moves or scrolls any more; what turns for as long as one waits does not count.
  const settled = async () => {
    const running = widgets
      .flatMap((each) => each.shadowRoot.getAnimations())
      .filter((each) => each.effect?.getComputedTiming().iterations !== Infinity);
    await Promise.all(running.map((each) => each.finished.catch(() => {})));
    const places = () => inside.map((each) => each.scrollTop).join();
    const frame = () => new Promise((resolve) => requestAnimationFrame(resolve));
    for (let before = null, still = 0; still < 5; ) {
      await frame();
      still = places() === before ? still + 1 : 0;
      before = places();
    }
  };

  return { contrast, targets, stickingOut, moving, focused, markup, settled }[wanted]();
}
