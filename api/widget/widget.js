// The chat widget of Prospectus. One line of HTML puts it on a page:
//
//   <script async src="https://assistant.example.edu/widget.js" data-lang="en"></script>
//
// One file without a build step or dependencies, for browsers since Safari 16.4 (March 2023). In this order:
// settings, texts, DOM, server, storage, replies, the element, styles, start. Three rules hold throughout.
//
// - What comes from elsewhere becomes text, or a link that was looked at; never markup. Styles are adopted, not
//   written into the page. So a page may forbid everything but this script and its connection.
// - A finished reply enters the log in one piece: a screen reader reads it out once and whole.
// - Nothing outlives the tab unless the visitor ticks the box.

(() => {
  "use strict";

  const TAG = "prospectus-chat";
  if (customElements.get(TAG)) return; // loaded twice

  // Settings

  const ATTRIBUTES = [
    "lang",
    "mode",
    "position",
    "title",
    "greeting",
    "questions",
    "privacy-url",
    "color",
    "theme",
    "api",
    "page",
    "open"
  ];
  const LANGUAGES = ["en", "nl", "de", "es", "fr", "zh"];
  const TEXT_LIMIT = 2000; // characters of a question, a comment, an address: as the server has it
  const SILENCE = 45_000; // ms without a byte, where the server sends one every 15 s
  const CONTEXT = 700; // code points of the page on either side of a quote
  const LINE = 24; // px, of the field: see the styles
  const NARROW = matchMedia("(max-width: 480px), (max-height: 480px)"); // the panel fills the screen
  const DARK = matchMedia("(prefers-color-scheme: dark)");

  const script = ownScript();
  const home = new URL(".", script?.src || importedFrom()).href;

  function isOurs(address) {
    return /\/widget(\.[0-9a-f]{12})?\.js$/.test(webAddress(address)?.pathname);
  }

  function ownScript() {
    const current = document.currentScript; // null in a module; anything where the page has an element of that name
    if (current instanceof HTMLScriptElement) return current;
    return [...document.querySelectorAll("script[src]")].find((each) => isOurs(each.src));
  }

  function importedFrom() {
    return performance.getEntriesByType("resource").find((each) => isOurs(each.name))?.name ?? document.baseURI;
  }

  /** The address, null unless it is one of the web. */
  function webAddress(text, base) {
    try {
      const url = new URL(text, base);
      return /^https?:$/.test(url.protocol) ? url : null;
    } catch {
      return null;
    }
  }

  /** What "this programme" means to the server, without what a query could tell about the visitor. */
  function pageAddress(setting) {
    if (setting === "none") return null;
    if (setting) return webAddress(setting, document.baseURI)?.href;
    const canonical = webAddress(document.querySelector("link[rel~=canonical]")?.href);
    if (canonical?.origin === location.origin) return canonical.href;
    return webAddress(location.pathname, location.origin)?.href;
  }

  // Texts

  // English is at hand before any file has come, and where none ever does. It is the same as locales/en.json.
  const ENGLISH = {
    "title": "Ask about studying here",
    "launcher": "Ask a question",
    "close": "Close",
    "new": "New conversation",
    "new_began": "The earlier conversation is no longer available, so a new one has begun.",
    "delete": "Delete my conversation",
    "delete_ask": "Delete this conversation from the server?",
    "delete_yes": "Delete",
    "delete_no": "Keep",
    "deleted": "Your conversation has been deleted.",
    "deleted_here":
      "Removed from this browser. This browser can no longer reach the conversation on the server, which erases old ones by itself.",
    "delete_failed": "The conversation could not be deleted. Please try again.",
    "intro":
      "I am an AI assistant, not a person. I answer with exact quotes from the institution’s own pages. I can be wrong or miss something, so please check the source of each sentence.",
    "reminder": "AI assistant. Please check the sources.",
    "examples": "You could ask:",
    "questions": "What does it cost per year?|What are the entry requirements?|How long does the programme take?",
    "privacy": "Privacy",
    "remember": "Remember this conversation on this device",
    "log": "Conversation",
    "question": "Your question",
    "send": "Send",
    "stop": "Stop",
    "stopped": "Stopped",
    "waiting": "Looking it up …",
    "citation": "Source {number}: {title}",
    "quoted_from": "Quoted from",
    "copy": "Copy answer with sources",
    "copied": "Copied",
    "copy_failed": "Copying is not possible here.",
    "helpful": "Helpful",
    "not_helpful": "Not helpful",
    "comment": "What should we know? (optional)",
    "comment_send": "Send comment",
    "thanks": "Thank you.",
    "feedback_failed": "This could not be sent. Please try again.",
    "back": "Back to the answer",
    "open_page": "Open the page",
    "modified": "Page last changed: {date}",
    "source_changed": "The page has changed since. This is the quote as it stood when the answer was given.",
    "source_unavailable": "The text around the quote cannot be shown at the moment.",
    "retry": "Try again",
    "retry_now": "You can try again now.",
    "offline": "You are offline. What you have typed stays here.",
    "error_offline": "You are offline. Your question was not lost: try again when you are connected.",
    "error_unreachable": "The assistant cannot be reached at the moment.",
    "error_limit": "That was a lot of questions at once. Please try again in {time}.",
    "error_unavailable": "The assistant is busy at the moment. Please try again shortly.",
    "error_broken": "The answer did not arrive in full.",
    "error_silent": "No answer came for a long time.",
    "error_refused": "The assistant is not available on this page."
  };

  const localeFiles = new Map(); // by address: several widgets ask once

  /** The texts in that language, with English for what it lacks; null if they cannot be had. */
  function loadTexts(api, language) {
    if (language === "en") return ENGLISH;
    const address = `${api}widget/locales/${language}.json`;
    if (!localeFiles.has(address)) localeFiles.set(address, fetchTexts(address));
    return localeFiles.get(address);
  }

  async function fetchTexts(address) {
    try {
      const found = await (await fetch(address, { credentials: "omit" })).json();
      return Object.fromEntries(
        Object.entries(ENGLISH).map(([key, text]) => [key, isText(found[key]) ? found[key] : text])
      );
    } catch {
      localeFiles.delete(address); // another time it may be there
      return null;
    }
  }

  function fill(text, values) {
    return text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  }

  // DOM

  const ICONS = {
    chat: "M4 20l1.3-4.2A8 8 0 1 1 8.4 19zM8.5 10.5h7M8.5 13.5H13",
    close: "M6 6l12 12M18 6L6 18",
    new: "M12 5H6.5A1.5 1.5 0 0 0 5 6.5v11A1.5 1.5 0 0 0 6.5 19h11a1.5 1.5 0 0 0 1.5-1.5V12M10 14l.5-2.7L18 3.8l2.2 2.2-7.5 7.5z",
    delete: "M4.5 7h15M9.5 7V4.5h5V7M6.5 7l.8 12.5h9.4L17.5 7M10.3 11v5M13.7 11v5",
    send: "M12 19V5M6 11l6-6 6 6",
    stop: "M8 8h8v8H8z",
    copy: "M9 9h10.5v10.5H9zM15 9V4.5H4.5V15H9",
    thumb: "M7.5 11v8.5h-3V11zM7.5 11l4-6.5c1.5 0 2.3 1 2 2.5l-.6 3h4.7a2 2 0 0 1 2 2.3l-1 5.5a2 2 0 0 1-2 1.7H7.5",
    back: "M19 12H5M11 6l-6 6 6 6",
    away: "M14 5h5v5M19 5l-8 8M17 14v5H5V7h5",
    info: "M12 11v5M12 8v.01M12 3.5a8.5 8.5 0 1 0 0 17 8.5 8.5 0 0 0 0-17z",
    page: "M7 3.5h7l4 4v13H7zM14 3.5v4h4"
  };

  /** An element. Children that are text become text nodes; attributes and children that are null are left out. */
  function el(tag, attributes, ...children) {
    const made = document.createElement(tag);
    for (const [key, value] of Object.entries(attributes)) if (value !== null) made.setAttribute(key, value);
    made.append(...children.filter((child) => child !== null));
    return made;
  }

  function icon(name) {
    const [svg, path] = ["svg", "path"].map((tag) => document.createElementNS("http://www.w3.org/2000/svg", tag));
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    path.setAttribute("d", ICONS[name]);
    svg.append(path);
    return svg;
  }

  function button(attributes, press, ...children) {
    const made = el("button", { type: "button", ...attributes }, ...children);
    made.addEventListener("click", press);
    return made;
  }

  /** Makes a change that may move the element with the focus, and leaves the focus there. */
  function keepingFocus(root, change) {
    const focused = root.activeElement;
    change();
    if (focused?.isConnected) focused.focus({ preventScroll: true });
  }

  /** Black or white, whichever contrasts more with the colour (WCAG 2.2, relative luminance). Channels: 0 to 1. */
  function inkOn(channels) {
    const [red, green, blue] = channels.map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.179 ? "#000" : "#fff";
  }

  /** Whether the text is on the clipboard now. */
  async function copyText(text, place) {
    try {
      await navigator.clipboard.writeText(text);
      return true;
    } catch {
      // Not a secure page, or forbidden by its policy: the old way may be open.
      const area = el("textarea", { class: "sr" });
      area.value = text;
      let isCopied;
      keepingFocus(place.getRootNode(), () => {
        place.append(area);
        area.select();
        isCopied = document.execCommand("copy");
        area.remove();
      });
      return isCopied;
    }
  }

  // Server

  const isText = (value) => typeof value === "string";
  const areTexts = (...values) => values.every(isText);
  const isList = (value, isItem) => Array.isArray(value) && value.every(isItem);
  const isSentence = (it) => isText(it?.text) && isList(it.citations, Number.isInteger);
  const isCitation = (it) =>
    areTexts(it?.document_id, it?.title, it?.url, it?.deep_link, it?.quote) &&
    [it.number, it.start, it.end].every(Number.isInteger) &&
    isList(it.headings, isText);
  const isReply = (it) =>
    areTexts(it?.conversation_id, it?.message_id, it?.outcome, it?.language, it?.text, it?.generation) &&
    isList(it.sentences, isSentence) &&
    isList(it.notices, isSentence) &&
    isList(it.citations, isCitation) &&
    isList(it.suggestions, isText);

  /** An error that a visitor is told of by the text `error_<kind>`. */
  function failure(kind, more) {
    return Object.assign(new Error(kind), { kind }, more);
  }

  /** The calls to an API. `visitor` keeps the token of the session, where the server asks for one. */
  function serverAt(api, visitor) {
    const isElsewhere = new URL(api).origin !== location.origin;
    let signingIn = null; // one session for requests side by side

    async function reach(method, path, signal, body) {
      const headers = {};
      if (body) headers["Content-Type"] = "application/json";
      if (visitor.token) headers.Authorization = `Bearer ${visitor.token}`;
      try {
        return await fetch(api + path, {
          method,
          headers,
          signal,
          body: body && JSON.stringify(body),
          credentials: "omit"
        });
      } catch (error) {
        throw signal.aborted ? error : failure(navigator.onLine ? "unreachable" : "offline");
      }
    }

    async function send(method, path, { body, signal = AbortSignal.timeout(SILENCE) } = {}) {
      // From elsewhere nobody is let in without a session; here only 401 tells.
      const isDue = visitor.token ? Date.now() > visitor.renewAt : isElsewhere;
      if (isDue) await signIn(signal);
      let response = await reach(method, path, signal, body);
      if (response.status === 401) {
        await signIn(signal);
        response = await reach(method, path, signal, body);
      }
      if (!response.ok) throw await refusal(response);
      return response;
    }

    function signIn(signal) {
      signingIn ??= startSession(signal).finally(() => (signingIn = null));
      return signingIn;
    }

    async function startSession(signal) {
      let response = await reach("POST", "v1/sessions", signal);
      if (response.status === 401 && visitor.token) {
        visitor.token = null; // too old to be renewed: go on as somebody new
        response = await reach("POST", "v1/sessions", signal);
      }
      if (!response.ok) throw await refusal(response);
      const { token, expires_in } = await response.json();
      Object.assign(visitor, { token, renewAt: Date.now() + expires_in * 500 }); // at half its life
    }

    return {
      /** The events of a reply as [name, data], the last one "completed". Throws a failure. */
      async *chat(body, stop) {
        const control = new AbortController();
        let timer;
        const heard = () => {
          clearTimeout(timer);
          timer = setTimeout(() => control.abort(failure("silent")), SILENCE);
        };
        stop.addEventListener("abort", () => control.abort(failure("stopped")));
        heard();
        try {
          const response = await send("POST", "v1/chat", { body, signal: control.signal });
          for await (const [event, data] of eventsOf(response.body, heard)) {
            if (event === "error") throw failure("unavailable");
            yield [event, data];
            if (event === "completed") return;
          }
          throw failure("broken"); // it ended too early
        } catch (error) {
          if (control.signal.aborted) throw control.signal.reason;
          throw error.kind ? error : failure("broken");
        } finally {
          clearTimeout(timer);
          control.abort(); // the connection, where something in it made no sense
        }
      },
      async document(id) {
        return (await send("GET", `v1/documents/${encodeURIComponent(id)}`)).json();
      },
      rate(message, body) {
        return send("PUT", `v1/messages/${encodeURIComponent(message)}/feedback`, { body });
      },
      erase(conversation) {
        return send("DELETE", `v1/conversations/${encodeURIComponent(conversation)}`);
      }
    };
  }

  async function* eventsOf(body, heard) {
    const reader = body.getReader();
    const decoder = new TextDecoder();
    let text = "";
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      heard();
      const blocks = (text + decoder.decode(value, { stream: true })).split(/\r?\n\r?\n/);
      text = blocks.pop();
      for (const block of blocks) {
        let [event, data] = ["", ""];
        for (const line of block.split(/\r?\n/)) {
          if (line.startsWith("event:")) event = line.slice(6).trim();
          if (line.startsWith("data:")) data += line.slice(5);
        }
        if (data) yield [event, JSON.parse(data)]; // none: a sign of life
      }
    }
  }

  async function refusal(response) {
    const { status } = response;
    const seconds = Math.ceil(Number(response.headers.get("Retry-After"))) || 0;
    if (status === 404 || status === 409) return failure("gone"); // forgotten, or at its greatest length
    if (status === 401 || status === 403) return failure("refused");
    if (status === 429) return failure("limit", { seconds: Math.max(1, seconds) });
    if (status !== 422) return failure("unavailable", { seconds });
    const { detail } = await response.json().catch(() => ({}));
    return failure("broken", { detail: isText(detail) ? detail.slice(0, 300) : undefined });
  }

  // Storage

  const keysInUse = new Set(); // two widgets on a page keep apart

  function claimKey(api) {
    let key = `prospectus:${api}`;
    for (let count = 2; keysInUse.has(key); count++) key = `prospectus:${api}#${count}`;
    keysInUse.add(key);
    return key;
  }

  function recall(key) {
    const isTurn = (turn) => isText(turn?.question) && (!turn.reply || isReply(turn.reply));
    for (const remember of [true, false]) {
      try {
        const state = JSON.parse((remember ? localStorage : sessionStorage).getItem(key));
        if (isList(state?.turns, isTurn) && isText(state.draft) && state.visitor) return { ...state, remember };
      } catch {
        // Blocked by the browser, or not ours: begin anew.
      }
    }
    return { conversation: null, turns: [], draft: "", visitor: {}, remember: false };
  }

  /** Keeps the state for the tab, or for good if the visitor said so; where there is nothing to keep, nothing. */
  function keep(key, state) {
    try {
      const [right, wrong] = state.remember ? [localStorage, sessionStorage] : [sessionStorage, localStorage];
      wrong.removeItem(key);
      if (state.turns.length || state.draft || state.remember) right.setItem(key, JSON.stringify(state));
      else right.removeItem(key);
    } catch {
      // Blocked or full: the conversation lasts as long as the page.
    }
  }

  // Replies

  const UNFINISHED = {
    conversation_id: "",
    message_id: "",
    outcome: "",
    language: "",
    text: "",
    generation: "",
    suggestions: []
  };

  /** The paragraphs of a sentence, and its lines with a hyphen as lists. */
  function blocksOf(text) {
    const blocks = [];
    for (const line of text.split("\n").filter((each) => each.trim())) {
      const item = line.match(/^\s*[-•]\s+(.*)/)?.[1];
      if (item === undefined) {
        blocks.push(el("p", {}, line));
        continue;
      }
      if (blocks.at(-1)?.localName !== "ul") blocks.push(el("ul", {}));
      blocks.at(-1).append(el("li", {}, item));
    }
    return blocks.length ? blocks : [el("p", {})];
  }

  /** An answer to paste elsewhere: its text with the numbers, then the quote and the address of each. */
  function withSources(reply) {
    const notices = reply.notices.map((notice) => notice.text);
    const sources = reply.citations.map((it) => `[${it.number}] ${it.title}\n“${it.quote}”\n${it.deep_link}`.trim());
    return [reply.text, ...notices, ...sources].join("\n\n");
  }

  /** The address of a quote on the live page; null unless that is on the host that the document came from. */
  function liveAddress({ url, deep_link }) {
    const [page, quote] = [webAddress(url), webAddress(deep_link)];
    return page && page.host === quote?.host ? quote.href : null;
  }

  /** What stands before and after a quote on its page; null if the quote is not in its place any more. */
  function surroundings(text, { start, end, quote }) {
    const points = Array.from(text); // offsets count code points, not UTF-16
    if (points.slice(start, end).join("") !== quote) return null;
    let before = points.slice(Math.max(0, start - CONTEXT), start).join("");
    let after = points.slice(end, end + CONTEXT).join("");
    // What was cut off is cut off at the end of a line.
    if (start > CONTEXT) before = before.replace(/^[^\n]*\n*/, "…\n");
    if (end + CONTEXT < points.length) after = after.replace(/\n*[^\n]*$/, "\n…");
    return { before, after };
  }

  /** The text before a quote, its last heading in bold where it can be made out. */
  function withHeading(text, heading) {
    const place = heading ? text.lastIndexOf(`\n${heading}\n`) : -1;
    if (place < 0) return [text];
    return [text.slice(0, place + 1), el("strong", {}, heading), text.slice(place + 1 + heading.length)];
  }

  // The element

  class ProspectusChat extends HTMLElement {
    static observedAttributes = ATTRIBUTES;

    #root = this.attachShadow({ mode: "open" });
    #own = new CSSStyleSheet(); // what differs from one widget to the next
    #texts = ENGLISH;
    #language = "en";
    #wanted = "en"; // the language whose texts are on their way
    #sayings = new WeakMap(); // element -> how it says its text
    #state = null; // what is stored
    #key = null; // under which it is stored
    #api = null;
    #server = null;
    #documents = new Map(); // by generation and id
    #isOpen = false;
    #opener = null; // what had the focus before
    #running = null; // the promise of the reply in progress
    #stopping = null; // its AbortController
    #closeSource = null;
    #isFollowing = true;
    #leaving = null; // aborted when the element leaves the page

    #frame;
    #launcher;
    #panel;
    #main;
    #tools;
    #confirm;
    #scroll;
    #log;
    #pending;
    #offline;
    #input;
    #send;
    #source;
    #status;

    connectedCallback() {
      if (!this.#frame) {
        // What the element does not say of itself, the script that brought it does.
        for (const attribute of ATTRIBUTES) {
          const value = script?.getAttribute(`data-${attribute}`) ?? null;
          if (value !== null && !this.hasAttribute(attribute)) this.setAttribute(attribute, value);
        }
        this.#build();
        this.#connect();
      }
      keysInUse.add(this.#key);
      this.#refresh();
      this.#leaving = new AbortController();
      const { signal } = this.#leaving;
      DARK.addEventListener("change", () => this.#paint(), { signal });
      NARROW.addEventListener("change", () => this.#place(), { signal });
      addEventListener("load", () => this.#paint(), { signal }); // the styles of the page may come after the script
      addEventListener("online", () => this.#refresh(), { signal });
      addEventListener("offline", () => this.#refresh(), { signal });
      addEventListener("pagehide", () => this.#save(), { signal });
      visualViewport?.addEventListener("resize", () => this.#fit(), { signal });
      // On a narrow screen it would cover the page before that was seen.
      if (this.hasAttribute("open") && !NARROW.matches) this.#show();
      this.#showState();
    }

    disconnectedCallback() {
      this.#save();
      this.#stopping?.abort();
      this.#leaving.abort();
      keysInUse.delete(this.#key);
      this.#isOpen = false;
      this.#panel.removeAttribute("open");
    }

    attributeChangedCallback(attribute, before, now) {
      if (!this.#leaving || !this.isConnected || before === now) return;
      if (attribute === "open") return now === null ? this.close() : this.open();
      if (attribute === "mode") this.#place();
      if (attribute === "api") this.#connect();
      this.#refresh();
    }

    open() {
      this.#show();
      this.#input.focus();
    }

    close() {
      if (!this.#isOpen) return;
      const hadFocus = this.#root.activeElement;
      this.#isOpen = false;
      this.#panel.close();
      this.#showState();
      if (hadFocus) (this.#opener?.isConnected ? this.#opener : this.#launcher).focus();
    }

    /** Asks as if the visitor had typed it. Resolves when the reply is there, or when it has failed. */
    ask(text) {
      return this.#ask(String(text));
    }

    get #isInline() {
      return this.#setting("mode") === "inline";
    }

    #setting(attribute) {
      return this.getAttribute(attribute)?.trim() || null;
    }

    #emit(event, detail) {
      this.dispatchEvent(new CustomEvent(`prospectus:${event}`, { detail, bubbles: true, composed: true }));
    }

    // The element: what it is built of

    /** Lets an element say something in the language of the widget, now and when that changes. */
    #say(element, put) {
      this.#sayings.set(element, put);
      put(this.#texts);
      return element;
    }

    #text(tag, attributes, key) {
      const made = el(tag, attributes);
      return this.#say(made, (t) => (made.textContent = t[key]));
    }

    #choice(key, press, ...more) {
      return button({ class: "choice" }, press, this.#text("span", {}, key), ...more);
    }

    /** A button that shows only an icon. */
    #tool(key, picture, press, part = null) {
      const made = button({ class: `tool ${key}`, part }, press, icon(picture));
      return this.#say(made, (t) => this.#entitle(made, t[key]));
    }

    #entitle(element, text) {
      element.setAttribute("aria-label", text);
      element.title = text;
    }

    #build() {
      this.#own.replaceSync(".frame {}");
      this.#root.adoptedStyleSheets = [SHEET, this.#own];
      this.#status = el("p", { class: "sr", role: "status" });
      this.#source = el("section", {
        part: "source",
        class: "source",
        role: "dialog",
        "aria-labelledby": "source",
        hidden: ""
      });
      this.#main = el("div", { class: "main" }, this.#header(), this.#deletion(), this.#content(), this.#form());
      // An empty title keeps that of the element from popping up over everything.
      this.#frame = el("div", { class: "frame", title: "" }, this.#corner());
      this.#frame.addEventListener("keydown", (event) => this.#pressed(event));
      for (const kind of ["keypress", "keyup"]) this.#frame.addEventListener(kind, (event) => event.stopPropagation());
      this.#place();
      this.#root.append(this.#frame);
    }

    #corner() {
      this.#launcher = button(
        { part: "launcher", class: "launcher" },
        () => this.open(),
        icon("chat"),
        this.#text("span", {}, "launcher")
      );
      const corner = el("div", { role: "region" }, this.#launcher);
      return this.#say(corner, (t) => {
        const title = this.#setting("title");
        corner.setAttribute("aria-label", title ?? t.title);
        this.#launcher.setAttribute("aria-label", title ? `${t.launcher}: ${title}` : t.launcher);
      });
    }

    #header() {
      const title = el("h2", { part: "title", id: "title" });
      this.#say(title, (t) => (title.textContent = this.#setting("title") ?? t.title));
      this.#tools = [
        this.#tool("new", "new", () => this.#begin()),
        this.#tool("delete", "delete", () => this.#askToDelete())
      ];
      const badge = el("span", { class: "badge" }, icon("chat"));
      return el(
        "header",
        { part: "header" },
        badge,
        title,
        ...this.#tools,
        this.#tool("close", "close", () => this.close(), "close")
      );
    }

    #deletion() {
      const buttons = [
        this.#choice("delete_yes", () => this.#delete()),
        this.#choice("delete_no", () => this.#endDeletion())
      ];
      const text = this.#text("p", { id: "confirm" }, "delete_ask");
      this.#confirm = el(
        "div",
        { class: "confirm", role: "group", "aria-labelledby": "confirm", hidden: "" },
        text,
        ...buttons
      );
      return this.#confirm;
    }

    #content() {
      this.#log = el("div", { part: "log", class: "log", role: "log" });
      this.#pending = el("div", { class: "pending" });
      this.#scroll = el("div", { class: "scroll" }, this.#intro(), this.#log, this.#pending);
      for (const name of ["wheel", "touchmove"]) {
        // Whoever scrolls is reading.
        this.#scroll.addEventListener(name, () => (this.#isFollowing = false), { passive: true });
      }
      return this.#scroll;
    }

    #intro() {
      const greeting = el("p", { class: "greeting" });
      this.#say(greeting, () => {
        greeting.textContent = this.#setting("greeting") ?? "";
        greeting.hidden = !greeting.textContent;
      });
      const questions = el("div", { class: "suggestions" });
      this.#say(questions, (t) => {
        // Those of the page may be in any language; ours are in that of the widget.
        const theirs = this.#setting("questions");
        const texts = (theirs ?? t.questions).split("|").map((text) => text.trim());
        const language = theirs ? "" : this.#language;
        questions.replaceChildren(...texts.filter(Boolean).map((text) => this.#suggestion(text, language)));
      });
      const box = el("input", { type: "checkbox" });
      box.addEventListener("change", () => {
        this.#state.remember = box.checked;
        this.#save();
      });
      this.#say(box, () => (box.checked = this.#state?.remember));
      const privacy = el("a", { part: "link", target: "_blank", rel: "noopener noreferrer" });
      this.#say(privacy, (t) => {
        const address = webAddress(this.#setting("privacy-url") ?? "about:", document.baseURI);
        privacy.textContent = t.privacy;
        privacy.hidden = !address;
        if (address) privacy.href = address.href;
        else privacy.removeAttribute("href");
      });
      return el(
        "div",
        { part: "intro", class: "intro" },
        greeting,
        this.#text("p", {}, "intro"),
        this.#text("p", { class: "soft" }, "examples"),
        questions,
        el("label", { class: "remember" }, box, this.#text("span", {}, "remember")),
        privacy
      );
    }

    #form() {
      this.#input = el("textarea", {
        part: "input",
        rows: "1",
        maxlength: TEXT_LIMIT,
        enterkeyhint: "send",
        autocomplete: "off"
      });
      this.#say(this.#input, (t) => {
        this.#input.placeholder = t.question;
        this.#input.setAttribute("aria-label", t.question);
      });
      this.#input.addEventListener("input", () => this.#grow());
      this.#input.addEventListener("keydown", (event) => {
        // 229: in Safari a composition is over before the key that ended it is told of.
        if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
        event.preventDefault();
        if (!this.#running) this.#submit();
      });
      this.#send = button({ part: "send", class: "send" }, () =>
        this.#running ? this.#stopping.abort() : this.#submit()
      );
      this.#say(this.#send, (t) => {
        this.#send.replaceChildren(icon(this.#running ? "stop" : "send"));
        this.#entitle(this.#send, this.#running ? t.stop : t.send);
      });
      this.#offline = el("p", { class: "offline", role: "status" });
      this.#say(this.#offline, (t) => (this.#offline.textContent = navigator.onLine ? "" : t.offline));
      const field = el("div", { class: "field" }, this.#input, this.#send);
      const form = el(
        "form",
        { part: "form" },
        this.#offline,
        field,
        this.#text("p", { class: "reminder" }, "reminder")
      );
      form.addEventListener("submit", (event) => event.preventDefault());
      return form;
    }

    // The element: language, looks, place

    async #refresh() {
      this.#paint();
      this.#sayAll();
      const wanted = this.#setting("lang") || document.documentElement.lang || navigator.language;
      this.#wanted = LANGUAGES.find((each) => each === wanted.toLowerCase().split(/[-_]/)[0]) ?? "en";
      if (this.#wanted !== this.#language) {
        const language = this.#wanted;
        setTimeout(() => this.#frame.classList.add("ready"), 1000); // the launcher waits for its text, but not for long
        const texts = await loadTexts(this.#api, language);
        if (texts && language === this.#wanted) {
          this.#texts = texts;
          this.#language = language;
          this.#sayAll();
        }
      }
      this.#frame.classList.add("ready");
    }

    #sayAll() {
      this.#frame.lang = this.#language;
      this.#log.setAttribute("aria-label", this.#texts.log);
      for (const element of this.#root.querySelectorAll("*")) this.#sayings.get(element)?.(this.#texts);
    }

    #paint() {
      const theme = this.#setting("theme");
      this.#frame.classList.toggle("dark", theme === "dark" || (theme !== "light" && DARK.matches));
      this.#frame.classList.toggle("start", this.#setting("position") === "left");
      const { style } = this.#own.cssRules[0];
      const colour = this.#setting("color");
      style.setProperty("--colour", CSS.supports("color", colour) ? colour : "var(--prospectus-accent, #1f4fd8)");
      // The browser makes "color(srgb 0.1 0.3 0.8)" of any colour: .sr in the styles.
      const channels = getComputedStyle(this.#status)
        .color.match(/[-\d.e]+/g)
        .slice(0, 3)
        .map((c) => Math.max(0, c));
      style.setProperty("--accent", `rgb(${channels.map((c) => c * 255).join(" ")})`);
      style.setProperty("--on-accent", inkOn(channels));
      this.#float();
    }

    /** A page that transforms its body takes along what is fixed in it. The top layer is out of its reach. */
    #float() {
      const { left, top, height } = this.#frame.getBoundingClientRect();
      const isCarriedAlong = left || top || Math.abs(height - innerHeight) > 20; // px, for a scroll bar
      if (this.#isInline || !isCarriedAlong || !this.#frame.showPopover || this.#frame.matches(":popover-open")) return;
      this.#frame.popover = "manual";
      this.#frame.showPopover();
    }

    /** Puts the panel where mode and screen want it. */
    #place() {
      const tag = this.#isInline ? "section" : "dialog";
      if (this.#panel?.localName !== tag) {
        this.#isOpen = false;
        this.#panel?.remove();
        const role = this.#isInline ? "region" : "dialog";
        this.#panel = el(
          tag,
          { part: "panel", class: "panel", role, "aria-labelledby": "title" },
          this.#main,
          this.#source,
          this.#status
        );
        this.#panel.addEventListener("close", () => this.#panel.open || this.close()); // by the gesture "back"
        this.#frame.append(this.#panel);
        this.#frame.classList.toggle("inline", this.#isInline);
      }
      if (this.#isOpen) {
        keepingFocus(this.#root, () => {
          this.#panel.close();
          this.#display();
        });
      }
      if (this.#leaving) this.#showState();
    }

    /** Where the panel fills the screen nothing behind it can be seen, so nothing there takes the focus either. */
    #display() {
      if (NARROW.matches) this.#panel.showModal();
      else this.#panel.setAttribute("open", ""); // show() would move the focus
      this.#fit();
    }

    /** Keeps the field above the keyboard of a telephone. */
    #fit() {
      if (visualViewport?.scale !== 1) return; // somebody magnifies the page
      this.#own.cssRules[0].style.setProperty("--view", `${Math.round(visualViewport.height)}px`);
    }

    #show() {
      if (this.#isInline || this.#isOpen) return;
      this.#opener = this.#root.activeElement ?? document.activeElement;
      if (this.#opener === document.body) this.#opener = null;
      this.#isOpen = true;
      this.#paint();
      this.#display();
      this.#showState();
      this.#grow();
      this.#scroll.scrollTop = this.#state.turns.length ? this.#scroll.scrollHeight : 0;
      this.#emit("open", {});
    }

    #showState() {
      this.#launcher.parentNode.hidden = this.#isOpen || this.#isInline;
      this.#launcher.setAttribute("aria-expanded", this.#isOpen);
      if (this.hasAttribute("open") !== this.#isOpen) this.toggleAttribute("open");
    }

    #pressed(event) {
      if (event.key === "Tab") return;
      if (event.key !== "Escape" || event.isComposing) return event.stopPropagation(); // no shortcut of the page
      if (this.#closeSource) this.#closeSource();
      else if (!this.#confirm.hidden) this.#endDeletion();
      else if (this.#isOpen) this.close();
      else return; // the page may have something to close
      event.stopPropagation();
      event.preventDefault(); // a modal dialog would close by itself
    }

    #grow() {
      this.#input.rows = 1;
      this.#input.rows = Math.min(5, Math.floor(this.#input.scrollHeight / LINE));
    }

    /** Shows what is new, but never so much that the question leaves the view. */
    #follow() {
      if (!this.#isFollowing) return;
      const question = [...this.#log.querySelectorAll(".question")].at(-1);
      const end = this.#scroll.scrollHeight - this.#scroll.clientHeight;
      this.#scroll.scrollTop = Math.min(end, question ? question.offsetTop - 16 : end);
    }

    #reveal(element) {
      const below = element.getBoundingClientRect().bottom - this.#scroll.getBoundingClientRect().bottom;
      if (below > 0) this.#scroll.scrollTop += below + 16;
    }

    /** Says something that is no part of the conversation. */
    #tell(text, place) {
      place.replaceChildren(text);
      this.#status.textContent = text;
    }

    // The element: the conversation

    #connect() {
      keysInUse.delete(this.#key);
      const address = webAddress(this.#setting("api") ?? home, document.baseURI)?.href ?? home;
      this.#api = address.replace(/\/?([?#].*)?$/, "/");
      this.#key = claimKey(this.#api);
      this.#state = recall(this.#key);
      this.#server = serverAt(this.#api, this.#state.visitor);
      this.#documents.clear();
      this.#input.value = this.#state.draft;
      this.#showTurns();
    }

    #showTurns() {
      // A new log instead of new content of the old one: what was said before is not read out again.
      const log = this.#log.cloneNode();
      for (const turn of this.#state.turns) {
        log.append(this.#questionView(turn));
        if (turn.reply) log.append(this.#finish(this.#replyView(turn, turn.reply), turn, 0));
      }
      this.#log.replaceWith(log);
      this.#log = log;
      this.#pending.replaceChildren();
      const last = this.#state.turns.at(-1);
      if (last && !last.reply) this.#fail(last, failure("broken")); // the page was left before the reply came
      this.#showTools();
    }

    #showTools() {
      for (const tool of this.#tools) tool.hidden = !this.#state.turns.length;
    }

    #save() {
      this.#state.draft = this.#input.value;
      keep(this.#key, this.#state);
    }

    #submit() {
      const text = this.#input.value;
      this.#input.focus();
      if (!text.trim()) return;
      this.#input.value = "";
      this.#grow();
      this.#ask(text);
    }

    async #ask(text, language) {
      while (this.#running) await this.#running;
      const turn = { question: text.trim().slice(0, TEXT_LIMIT), language };
      if (!turn.question) return;
      this.#show();
      // What failed and was not tried again makes room.
      this.#state.turns = [...this.#state.turns.filter((each) => each.reply), turn];
      this.#log.append(this.#questionView(turn));
      this.#showTools();
      this.#emit("message", { role: "user", text: turn.question });
      await this.#run(turn);
    }

    async #run(turn) {
      this.#stopping = new AbortController();
      this.#running = this.#answer(turn, this.#stopping.signal);
      this.#save();
      this.#sayings.get(this.#send)(this.#texts);
      await this.#running;
      this.#running = null;
      this.#save();
      this.#sayings.get(this.#send)(this.#texts);
    }

    /** Shows the reply to a turn under the log while it comes, and moves it into the log when it is complete. */
    async #answer(turn, stop) {
      const waiting = el("p", { class: "waiting", role: "status" }, el("span", { class: "dot" }), this.#texts.waiting);
      const reply = { ...UNFINISHED, sentences: [], citations: [], notices: [] };
      const view = this.#replyView(turn, reply);
      let shown = 0; // sentences
      this.#pending.replaceChildren(view, waiting);
      this.#isFollowing = true;
      this.#follow();
      try {
        for await (const [event, data] of this.#server.chat(this.#request(turn), stop)) {
          if (event === "sentence") {
            if (!isSentence(data) || !isList(data.sources, isCitation)) throw failure("broken");
            reply.sentences.push(data);
            reply.citations.push(...data.sources);
            view.append(this.#sentence(data, reply));
            shown++;
            this.#follow();
          } else if (event === "completed") {
            if (!isReply(data)) throw failure("broken");
            turn.reply = Object.assign(reply, data); // the same object: the buttons shown so far hold it
          }
        }
      } catch (failed) {
        if (!this.#state.turns.includes(turn)) return; // a new conversation was begun meanwhile
        if (failed.kind === "gone" && this.#state.conversation) {
          this.#state.conversation = null;
          turn.isFresh = true;
          return this.#answer(turn, stop);
        }
        waiting.remove();
        if (failed.kind !== "stopped") return this.#fail(turn, failed);
        turn.reply = reply;
        turn.isStopped = true;
      }
      if (!this.#state.turns.includes(turn)) return;
      this.#finish(view, turn, shown);
      keepingFocus(this.#root, () => {
        this.#pending.replaceChildren();
        this.#log.append(view);
      });
      this.#follow();
      if (turn.isStopped) return;
      const { conversation_id, message_id, text, outcome } = turn.reply;
      this.#state.conversation = conversation_id;
      this.#emit("message", { role: "assistant", text, outcome, message_id });
    }

    #request({ question, language }) {
      const body = { message: question, stream: true };
      const page = pageAddress(this.#setting("page"));
      if (this.#state.conversation) body.conversation_id = this.#state.conversation;
      if (language) body.language = language;
      if (page?.length <= TEXT_LIMIT) body.page = page;
      return body;
    }

    #fail(turn, { kind, detail, seconds }) {
      const text = el("p", {});
      this.#say(text, (t) => {
        const time = new Intl.NumberFormat(this.#language, { style: "unit", unit: "second", unitDisplay: "long" });
        text.textContent =
          detail ?? fill(t[`error_${kind}`] ?? t.error_unavailable, { time: time.format(seconds ?? 0) });
      });
      const count = el("span", { "aria-hidden": "true" });
      const again = this.#choice(
        "retry",
        () => {
          this.#input.focus(); // for the button goes away
          if (!this.#running) this.#run(turn);
        },
        count
      );
      this.#pending.append(el("div", { part: "error", class: "error", role: "alert" }, icon("info"), text, again));
      if (seconds) this.#countDown(seconds, count, text);
      this.#follow();
    }

    /** Counts on the button and not in the sentence, which would be read out every second. */
    #countDown(seconds, count, text) {
      const end = Date.now() + seconds * 1000;
      const tick = () => {
        const left = Math.ceil((end - Date.now()) / 1000);
        count.textContent = left > 0 ? `(${left})` : "";
        if (left > 0 && count.isConnected) return setTimeout(tick, 1000);
        this.#say(text, (t) => (text.textContent = t.retry_now));
      };
      tick();
    }

    #begin() {
      this.#stopping?.abort();
      Object.assign(this.#state, { conversation: null, turns: [] });
      this.#save();
      this.#showTurns();
      this.#input.focus();
    }

    #askToDelete() {
      this.#confirm.hidden = false;
      this.#confirm.lastChild.focus();
    }

    #endDeletion() {
      this.#confirm.hidden = true;
      this.#tools[1].focus();
    }

    async #delete() {
      this.#endDeletion();
      this.#stopping?.abort();
      let result = "deleted";
      try {
        if (this.#state.conversation) await this.#server.erase(this.#state.conversation);
      } catch (failed) {
        result = failed.kind === "gone" ? "deleted_here" : "delete_failed";
      }
      if (result !== "delete_failed") this.#begin();
      const note = el("p", { class: "soft" });
      this.#pending.replaceChildren(note);
      this.#tell(this.#texts[result], note);
      this.#follow();
    }

    // The element: a turn

    #questionView(turn) {
      return el("p", { part: "question", class: "question", dir: "auto" }, turn.question);
    }

    #replyView(turn, reply) {
      const fresh = turn.isFresh ? this.#text("p", { class: "soft" }, "new_began") : null;
      return el("article", { part: "reply", class: "reply", lang: reply.language || null }, fresh);
    }

    #sentence(sentence, reply) {
      const blocks = blocksOf(sentence.text);
      const [first] = blocks;
      const made = blocks.length === 1 && first.localName === "p" ? first : el("div", {}, ...blocks);
      made.className = sentence.citations.length ? "sentence" : "sentence framing";
      made.setAttribute("part", "sentence");
      made.dir = "auto";
      // The numbers of a list stand beside its lead-in.
      (first.localName === "p" ? first : first.lastChild).append(this.#marks(sentence, reply));
      return made;
    }

    #marks({ citations }, reply) {
      const found = citations.map((number) => reply.citations.find((each) => each.number === number)).filter(Boolean);
      const marks = found.map((citation) => {
        const mark = button(
          { part: "citation", class: "citation" },
          () => this.#openSource(citation, reply, mark),
          `${citation.number}`
        );
        return this.#say(mark, (t) => mark.setAttribute("aria-label", fill(t.citation, citation)));
      });
      return el("span", { class: "marks" }, ...marks);
    }

    /** Adds what is still missing: the sentences from that place on, and what follows them. */
    #finish(view, turn, shown) {
      const { reply } = turn;
      const titles = [...new Set(reply.citations.map((citation) => citation.title))].join(" · ");
      view.dataset.outcome = reply.outcome;
      view.lang = reply.language;
      view.append(...reply.sentences.slice(shown).map((sentence) => this.#sentence(sentence, reply)));
      for (const notice of reply.notices) {
        const text = el("span", {}, notice.text, this.#marks(notice, reply));
        view.append(el("p", { part: "notice", class: "notice", dir: "auto" }, icon("info"), text));
      }
      if (titles) {
        const text = el("span", {}, this.#text("span", {}, "quoted_from"), ` ${titles}`);
        view.append(el("p", { class: "origin", dir: "auto" }, icon("page"), text));
      }
      const suggestions = reply.suggestions.map((text) => this.#suggestion(text, reply.language));
      if (suggestions.length) view.append(el("div", { class: "suggestions" }, ...suggestions));
      view.append(turn.isStopped ? this.#text("p", { class: "soft" }, "stopped") : this.#actions(turn));
      return view;
    }

    #suggestion(text, language) {
      const press = () => this.#running || this.#ask(text, /^[a-z]{2}$/.test(language) ? language : undefined);
      return button({ part: "suggestion", class: "suggestion", dir: "auto" }, press, text);
    }

    #actions(turn) {
      const said = el("span", { class: "soft" });
      const copy = async () =>
        this.#tell(this.#texts[(await copyText(withSources(turn.reply), said)) ? "copied" : "copy_failed"], said);
      const thumbs = {
        up: this.#tool("helpful", "thumb", () => rate("up")),
        down: this.#tool("not_helpful", "thumb", () => rate("down"))
      };
      const showRating = () => {
        for (const [rating, thumb] of Object.entries(thumbs))
          thumb.setAttribute("aria-pressed", turn.rating === rating);
      };
      const rate = async (rating, comment) => {
        const { message_id } = turn.reply;
        const body = comment ? { rating, comment } : { rating };
        try {
          await this.#server.rate(message_id, body);
        } catch {
          return this.#tell(this.#texts.feedback_failed, said);
        }
        turn.rating = rating;
        showRating();
        this.#save();
        this.#tell(this.#texts.thanks, said);
        this.#emit("feedback", { message_id, ...body });
        form.hidden = Boolean(comment);
        if (comment) thumbs[rating].focus();
        else this.#reveal(form);
      };
      const field = el("textarea", { rows: "2", maxlength: TEXT_LIMIT });
      const send = () => field.value.trim() && rate(turn.rating, field.value.trim());
      const label = el("label", {}, this.#text("span", {}, "comment"), field);
      const form = el("div", { class: "comment", hidden: "" }, label, this.#choice("comment_send", send));
      showRating();
      const row = el(
        "div",
        { part: "actions", class: "actions" },
        this.#tool("copy", "copy", copy),
        thumbs.up,
        thumbs.down,
        said
      );
      return el("div", { lang: this.#language }, row, form);
    }

    // The element: the source panel

    async #openSource(citation, reply, opener) {
      const { number, title, url, quote, headings } = citation;
      this.#emit("citation", { number, title, url, quote });
      this.#closeSource = () => {
        this.#closeSource = null;
        this.#source.hidden = true;
        this.#main.inert = false;
        opener.focus({ preventScroll: true });
      };
      const back = button({ class: "back" }, () => this.#closeSource(), icon("back"), this.#text("span", {}, "back"));
      const path = headings.length ? el("p", { class: "soft", dir: "auto" }, headings.join(" › ")) : null;
      const mark = el("mark", { part: "mark" }, quote);
      const passage = el("div", { class: "passage", dir: "auto" }, mark);
      const remark = el("p", { class: "soft", role: "status" });
      const scroll = el(
        "div",
        { class: "scroll", tabindex: "0", role: "group", "aria-labelledby": "source" },
        passage,
        remark
      );
      const heading = el("hgroup", {}, el("h2", { id: "source", dir: "auto" }, title), path);
      this.#source.replaceChildren(el("header", {}, back), heading, scroll, this.#sourceFooter(citation));
      this.#source.scrollTop = 0;
      this.#source.hidden = false;
      this.#main.inert = true;
      back.focus();
      const page = await this.#document(citation.document_id, reply.generation).catch(() => null);
      const around = page && surroundings(page.text, citation);
      if (!around) {
        remark.textContent = page ? this.#texts.source_changed : this.#texts.source_unavailable;
        return;
      }
      passage.lang = page.language;
      passage.prepend(...withHeading(around.before, headings.at(-1)));
      passage.append(around.after);
      const box = scroll.scrollHeight > scroll.clientHeight ? scroll : this.#source; // the latter on a low screen
      box.scrollTop += mark.getBoundingClientRect().top - box.getBoundingClientRect().top - box.clientHeight / 4;
    }

    #sourceFooter(citation) {
      const footer = el("footer", {});
      const changed = Date.parse(citation.modified_on);
      if (!Number.isNaN(changed)) {
        const locale = this.#language === "en" ? "en-GB" : this.#language;
        const date = new Intl.DateTimeFormat(locale, { dateStyle: "long", timeZone: "UTC" }).format(changed);
        footer.append(el("p", { class: "soft" }, fill(this.#texts.modified, { date })));
      }
      const href = liveAddress(citation);
      if (href) {
        const attributes = { part: "link", class: "choice", href, target: "_blank", rel: "noopener noreferrer" };
        footer.append(el("a", attributes, this.#texts.open_page, icon("away")));
      }
      return footer;
    }

    async #document(id, generation) {
      const key = `${generation} ${id}`;
      if (!this.#documents.has(key)) {
        const found = await this.#server.document(id);
        if (!areTexts(found?.text, found?.language)) throw failure("broken");
        if (!generation) return found; // not known before the reply is complete
        this.#documents.set(key, found);
      }
      return this.#documents.get(key);
    }
  }

  // Styles

  // What is important in here wins over what is important in the page, so no style sheet of a host gets in. All
  // lengths are in px: the host's font size is none of ours. `--prospectus-…` and `::part()` are for the host.
  const SHEET = new CSSStyleSheet();
  SHEET.replaceSync(`
:host { all: initial !important; display: block !important; position: fixed !important; inset: 0 auto auto 0 !important;
  width: 0 !important; height: 0 !important; z-index: var(--prospectus-z-index, 2147483000) !important; }
:host([mode=inline]) { position: static !important; width: auto !important; height: auto !important; z-index: auto !important; }
:host([hidden]), [hidden] { display: none !important; }

.frame {
  position: fixed; inset: 0; width: auto; height: auto; margin: 0; padding: 0; border: 0; overflow: visible; background: none; pointer-events: none;
  --ink: #171c26; --soft: #565f6e; --line: #e2e6ec; --edge: #858e9d;
  --surface: #fff; --raised: #f5f6f8; --press: #e9ecf1;
  --mark: #ffe9a3; --warm: #fff7e3; --warm-line: #efdcae; --alarm: #fdeeec; --alarm-line: #f0c8c3;
  --shadow: 0 24px 64px -16px rgb(15 23 42 / .3), 0 8px 24px -12px rgb(15 23 42 / .2);
  --radius: var(--prospectus-radius, 18px);
  color: var(--ink); color-scheme: light; text-align: start;
  font: 15px/1.55 var(--prospectus-font, system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif);
  -webkit-font-smoothing: antialiased; -webkit-text-size-adjust: 100%; overflow-wrap: anywhere;
}
.frame.dark {
  --ink: #e9edf3; --soft: #a6afbd; --line: #2d3440; --edge: #6f7989;
  --surface: #161a21; --raised: #1f252e; --press: #2a313c;
  --mark: #66530f; --warm: #2b2514; --warm-line: #4f4220; --alarm: #351d1c; --alarm-line: #663431;
  --shadow: 0 24px 64px -16px rgb(0 0 0 / .7), 0 8px 24px -12px rgb(0 0 0 / .6);
  color-scheme: dark;
}

*, ::before, ::after { box-sizing: border-box; }
p, h2, ul, header, footer { margin: 0; padding: 0; }
p, h2, li, label { unicode-bidi: plaintext; text-wrap: pretty; }
button, textarea, input { margin: 0; font: inherit; color: inherit; letter-spacing: inherit; }
button { border: 1px solid transparent; background: none; cursor: pointer; -webkit-tap-highlight-color: transparent; touch-action: manipulation; }
svg { flex: none; width: 20px; height: 20px; fill: none; stroke: currentcolor; stroke-width: 1.7; stroke-linecap: round; stroke-linejoin: round; }
a { color: inherit; text-underline-offset: 3px; }
:focus-visible { outline: 2px solid var(--ink); outline-offset: 2px; }
.sr { position: absolute; width: 1px; height: 1px; margin: -1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap;
  color: color-mix(in srgb, var(--colour), var(--colour)); }

.launcher { position: fixed; inset-block-end: 20px; inset-inline-end: 20px; display: flex; align-items: center; gap: 10px; visibility: hidden;
  max-width: calc(100vw - 40px); min-height: 56px; padding: 12px 22px 12px 18px; border: 1px solid rgb(255 255 255 / .28); border-radius: 28px;
  background: var(--accent); color: var(--on-accent); font-weight: 600; box-shadow: 0 12px 32px -8px rgb(15 23 42 / .45); }
.ready .launcher { visibility: visible; }
.launcher svg { width: 24px; height: 24px; }
.launcher:hover { box-shadow: 0 16px 40px -8px rgb(15 23 42 / .55); }
.launcher:focus-visible { outline: 3px solid #fff; outline-offset: 0; box-shadow: 0 0 0 6px #000; }
.start .launcher { inset-inline: 20px auto; }
.launcher, .panel { pointer-events: auto; }
.frame.inline { position: static; }

.panel { position: fixed; inset: auto; inset-block-end: 20px; inset-inline-end: 20px; display: none; flex-direction: column; margin: 0; padding: 0;
  width: min(var(--prospectus-width, 424px), 100vw - 40px); height: min(var(--prospectus-height, 680px), 100vh - 40px); max-width: none; max-height: none;
  overflow: hidden; border: 1px solid var(--line); border-radius: var(--radius); background: var(--surface); color: var(--ink); box-shadow: var(--shadow); }
.start .panel { inset-inline: 20px auto; }
.panel[open], .inline .panel { display: flex; }
.panel::backdrop { background: none; }
.inline .panel { position: relative; inset: auto; width: min(var(--prospectus-width, 760px), 100%); height: var(--prospectus-height, 640px); margin-inline: auto;
  box-shadow: 0 8px 32px -16px rgb(15 23 42 / .25); }
.main { display: flex; flex: 1; flex-direction: column; min-height: 0; }

header { display: flex; flex: none; align-items: center; min-height: 60px; padding: 8px 8px 8px 20px; padding-inline: 20px 8px; border-block-end: 1px solid var(--line); }
.badge { display: grid; flex: none; place-items: center; width: 32px; height: 32px; margin-inline-end: 10px; border-radius: 50%; background: var(--accent); color: var(--on-accent); }
h2 { flex: 1; font-size: 15.5px; font-weight: 650; line-height: 1.3; letter-spacing: -.01em; }
.inline [part=close] { display: none; }
.tool { display: grid; flex: none; place-items: center; width: 44px; height: 44px; padding: 0; border-radius: 12px; color: var(--soft); }
.tool:hover { background: var(--press); color: var(--ink); }
.tool[aria-pressed=true] { color: var(--ink); }
.tool[aria-pressed=true] svg { fill: var(--mark); }
.not_helpful svg { transform: scaleY(-1); }

.confirm { display: flex; flex: none; flex-wrap: wrap; gap: 8px; padding: 12px 20px; border-block-end: 1px solid var(--line); background: var(--raised); }
.confirm p { flex-basis: 100%; font-weight: 550; }
.choice { display: inline-flex; align-items: center; justify-content: center; gap: 6px; min-height: 44px; padding: 8px 18px; border: 1px solid var(--edge);
  border-radius: 12px; background: var(--surface); color: var(--ink); font-weight: 550; text-decoration: none; }
.choice:hover { background: var(--press); }
.confirm p + .choice { border-color: var(--ink); background: var(--ink); color: var(--surface); }
.confirm p + .choice:hover { background: var(--soft); }
.choice svg { width: 18px; height: 18px; }

.scroll { position: relative; flex: 1; min-height: 0; padding: 20px; overflow: hidden auto; overscroll-behavior: contain; scrollbar-width: thin; }
.soft { color: var(--soft); font-size: 14px; }
.intro { display: grid; gap: 12px; }
.intro a { justify-self: start; margin-block-start: -12px; padding-block: 12px; color: var(--soft); font-size: 14px; }
.greeting { font-size: 19px; font-weight: 600; line-height: 1.35; letter-spacing: -.015em; }
.remember { display: flex; align-items: center; gap: 10px; min-height: 44px; color: var(--soft); font-size: 14px; cursor: pointer; }
.remember input { flex: none; width: 20px; height: 20px; accent-color: var(--ink); }
.suggestions { display: grid; justify-items: start; gap: 8px; }
.suggestion { min-height: 44px; max-width: 100%; padding: 9px 16px; border-color: var(--line); border-radius: 22px; background: var(--raised); line-height: 1.4; text-align: start; }
.suggestion:hover { border-color: var(--ink); background: var(--press); }

.log, .pending { display: flex; flex-direction: column; gap: 16px; }
.log:not(:empty), .pending:not(:empty) { margin-block-start: 20px; }
.question { align-self: flex-end; max-width: 86%; padding: 10px 16px; border-radius: 18px; border-end-end-radius: 5px; background: var(--accent); color: var(--on-accent); white-space: pre-line; }
.reply { display: grid; gap: 10px; }
.reply:empty { display: none; }
.sentence, .sentence ul { display: grid; gap: 8px; }
p.sentence { display: block; }
.reply:has(.citation) .framing { color: var(--soft); }
ul { padding-inline-start: 20px; list-style: disc; }
li::marker { color: var(--soft); }
.marks { display: inline-flex; gap: 4px; margin-inline-start: 6px; vertical-align: 1px; }
.citation { min-width: 24px; height: 24px; padding: 0 6px; border-color: var(--line); border-radius: 8px; background: var(--raised); font-size: 12.5px; font-weight: 600; line-height: 1; font-variant-numeric: tabular-nums; }
.citation:hover { border-color: var(--ink); background: var(--ink); color: var(--surface); }
.notice, .error { display: flex; gap: 10px; padding: 10px 14px; border: 1px solid var(--warm-line); border-radius: 12px; background: var(--warm); font-size: 14px; }
.notice svg, .error svg { margin-block-start: 1px; }
.origin { display: flex; gap: 6px; color: var(--soft); font-size: 13px; }
.origin svg { width: 16px; height: 16px; margin-block-start: 2px; }
.actions { display: flex; align-items: center; margin: -6px 0 -6px -12px; margin-inline: -12px 0; }
.actions .soft { padding-inline-start: 6px; }
.comment { display: grid; gap: 8px; justify-items: start; padding-block-start: 12px; }
.comment label { display: grid; gap: 6px; width: 100%; font-size: 14px; }
.comment textarea, .field { border: 1px solid var(--edge); border-radius: 14px; background: var(--surface); }
.comment textarea { width: 100%; padding: 10px 14px; font-size: 16px; resize: vertical; }
.error { flex-wrap: wrap; align-items: center; border-color: var(--alarm-line); background: var(--alarm); }
.error p { flex: 1 1 180px; }
.waiting { display: flex; align-items: center; gap: 10px; color: var(--soft); }
.dot { width: 10px; height: 10px; border-radius: 50%; background: var(--soft); }

form { flex: none; padding: 12px 16px 10px; border-block-start: 1px solid var(--line); }
.field { display: flex; align-items: flex-end; gap: 4px; padding: 3px; border-radius: 26px; }
.field:focus-within { border-color: var(--ink); box-shadow: 0 0 0 1px var(--ink); }
.field textarea { flex: 1; min-width: 0; padding: 10px 4px 10px 16px; padding-inline: 16px 4px; border: 0; outline: 0; background: none; font-size: 16px; line-height: 24px; resize: none; }
::placeholder { color: var(--soft); opacity: 1; }
.send { display: grid; flex: none; place-items: center; width: 44px; height: 44px; padding: 0; border-radius: 50%; background: var(--accent); color: var(--on-accent); }
.send:hover { filter: brightness(1.08); }
.reminder { padding-block-start: 8px; color: var(--soft); font-size: 12.5px; line-height: 1.3; text-align: center; }
.offline:not(:empty) { margin-block-end: 10px; padding: 8px 14px; border: 1px solid var(--warm-line); border-radius: 12px; background: var(--warm); font-size: 14px; }

.source { position: absolute; inset: 0; display: flex; flex-direction: column; background: var(--surface); }
.source header { position: sticky; inset-block-start: 0; z-index: 1; border: 0; background: var(--surface); }
hgroup { display: grid; flex: none; gap: 4px; padding: 0 20px 14px; border-block-end: 1px solid var(--line); }
.back { display: flex; align-items: center; gap: 8px; min-height: 44px; margin-inline-start: -12px; padding: 8px 12px; border-radius: 12px; font-weight: 550; }
.back:hover { background: var(--press); }
:host(:dir(rtl)) .back svg { transform: scaleX(-1); }
.source h2 { font-size: 18px; line-height: 1.35; }
.passage { color: var(--soft); white-space: pre-line; }
.passage strong { color: var(--ink); font-weight: 650; }
mark { padding: 2px 0; border-radius: 3px; background: var(--mark); color: var(--ink); box-decoration-break: clone; -webkit-box-decoration-break: clone; }
.source footer { display: flex; flex: none; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: 8px 16px; padding: 12px 20px; border-block-start: 1px solid var(--line); }
.source footer:empty { display: none; }

@media (max-width: 480px), (max-height: 480px) {
  .frame:not(.inline) .panel { inset: 0 auto auto 0; width: 100%; height: var(--view, 100dvh); border: 0; border-radius: 0; }
  header, hgroup, .confirm, .source footer { padding-inline-start: 16px; }
  .scroll { padding: 16px; }
  .badge { display: none; }
}
@media (max-height: 480px) {
  header { min-height: 48px; padding-block: 2px; }
  form { padding-block: 6px; }
  .reminder { display: none; }
  .source { overflow-y: auto; }
  .source .scroll { flex: none; overflow: visible; }
}
@media (prefers-reduced-motion: no-preference) {
  .scroll { scroll-behavior: smooth; }
  button, .choice { transition: background-color .15s, border-color .15s, color .15s, box-shadow .2s; }
  .panel[open] { animation: rise .22s cubic-bezier(.2, .8, .3, 1); }
  .source { animation: slide .2s cubic-bezier(.2, .8, .3, 1); }
  .pending > *, .notice { animation: appear .25s; }
  .dot { animation: breathe 1.2s infinite ease-in-out; }
}
@keyframes rise { from { opacity: 0; transform: translateY(12px) scale(.985); } }
@keyframes slide { from { opacity: 0; transform: translateX(16px); } }
@keyframes appear { from { opacity: 0; } }
@keyframes breathe { 50% { opacity: .25; transform: scale(.7); } }
@media (forced-colors: active) {
  .launcher, .send, .citation, .suggestion, .tool, .question { border: 1px solid ButtonBorder; }
  .tool[aria-pressed=true] { background: Highlight; color: HighlightText; forced-color-adjust: none; }
  .field:focus-within { outline: 2px solid Highlight; }
  .dot { background: CanvasText; forced-color-adjust: none; }
}
`);

  // Start

  customElements.define(TAG, ProspectusChat);

  function appear() {
    const isWanted = script.dataset.auto !== "off" && Object.keys(script.dataset).length;
    if (isWanted && !document.querySelector(TAG)) document.body.append(document.createElement(TAG));
  }

  if (script && document.readyState === "loading") addEventListener("DOMContentLoaded", appear);
  else if (script) appear();
})();
