// The demo page: asks POST /v1/chat and shows the reply. What comes from the server becomes text nodes, never
// HTML, and an address becomes a link only if it is one of the web.

const conversation = document.querySelector("#conversation");
const form = document.querySelector("#ask");
const message = document.querySelector("#message");
const send = form.querySelector("[type=submit]");
const state = document.querySelector("#status");

const OUTCOMES = {
  answered: "Answered",
  not_stated: "Not stated on our pages",
  not_found: "Not found on our pages",
  clarify: "It depends",
  out_of_scope: "Not a question about studying here",
  small_talk: "",
};

let conversationId = null;
let token = null; // of the session, where the server asks for one
let renewAt = 0;
let replies = 0;

function element(name, className, ...children) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.append(...children);
  return made;
}

function link(address, label) {
  const made = element("a", "", label);
  made.href = address;
  return made;
}

function isWebAddress(address) {
  try {
    return ["http:", "https:"].includes(new URL(address).protocol);
  } catch {
    return false;
  }
}

function sourceId(reply, number) {
  return `source-${reply}-${number}`;
}

// "… per year. [1]" with each mark that has a citation as a link to it.
function withMarks(text, reply, numbers) {
  return text.split(/(\[\d+\])/).map((part) => {
    const number = Number(part.slice(1, -1));
    const isMark = /^\[\d+\]$/.test(part) && numbers.has(number);
    return isMark ? link(`#${sourceId(reply, number)}`, part) : part;
  });
}

function source(citation, reply) {
  const address = isWebAddress(citation.deep_link) ? citation.deep_link : citation.url;
  let title = citation.title;
  if (isWebAddress(address)) {
    title = link(address, citation.title);
    title.target = "_blank";
    title.rel = "noopener noreferrer";
  }
  const made = element(
    "li",
    "",
    element("span", "number", `[${citation.number}]`),
    element(
      "div",
      "",
      title,
      element("p", "", citation.headings.join(" › ")),
      element("blockquote", "", citation.quote),
    ),
  );
  made.id = sourceId(reply, citation.number);
  return made;
}

function suggestion(text) {
  const button = element("button", "quiet", text);
  button.type = "button";
  button.addEventListener("click", () => ask(text));
  return element("li", "", button);
}

function show(item) {
  conversation.append(item);
  item.scrollIntoView({ block: "start" });
}

function showReply(reply) {
  const id = (replies += 1);
  const numbers = new Set(reply.citations.map((citation) => citation.number));
  const parts = [];
  const outcome = OUTCOMES[reply.outcome] ?? reply.outcome;
  if (outcome) parts.push(element("p", "outcome", outcome));
  const text = element("p", "text", ...withMarks(reply.text, id, numbers));
  text.lang = reply.language;
  parts.push(text);
  for (const notice of reply.notices) {
    parts.push(element("p", "notice", ...withMarks(notice.text, id, numbers)));
  }
  if (reply.citations.length) {
    parts.push(element("ol", "sources", ...reply.citations.map((each) => source(each, id))));
  }
  if (reply.suggestions.length) {
    parts.push(element("ul", "suggestions", ...reply.suggestions.map(suggestion)));
  }
  show(element("li", "reply", ...parts));
}

function authorization() {
  return token ? { Authorization: `Bearer ${token}` } : {};
}

// A server that others can reach wants to know who asks; on one's own machine this is never called.
async function startSession() {
  const response = await fetch("v1/sessions", { method: "POST", headers: authorization() });
  if (response.status === 401 && token) {
    token = null; // expired: begin as a new visitor
    return startSession();
  }
  if (!response.ok) return false;
  const session = await response.json();
  token = session.token;
  renewAt = Date.now() + session.expires_in * 500; // after half of its time
  return true;
}

async function post(question, mayStartSession = true) {
  if (token && Date.now() > renewAt) await startSession();
  const body = { message: question };
  if (conversationId) body.conversation_id = conversationId;
  const response = await fetch("v1/chat", {
    method: "POST",
    headers: { "Content-Type": "application/json", ...authorization() },
    body: JSON.stringify(body),
  });
  if (response.status === 401 && mayStartSession && (await startSession())) {
    return post(question, false);
  }
  if (response.status === 404 && conversationId) {
    conversationId = null; // forgotten, for example because the server was started anew
    return post(question, mayStartSession);
  }
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.detail ?? answer.title);
  return answer;
}

async function ask(question) {
  if (send.disabled) return;
  send.disabled = true;
  state.textContent = "Looking it up …";
  show(element("li", "question", question));
  try {
    const reply = await post(question);
    conversationId = reply.conversation_id;
    showReply(reply);
    state.textContent = "";
  } catch (error) {
    state.textContent = error instanceof TypeError ? "The server cannot be reached." : error.message;
  } finally {
    send.disabled = false;
    message.focus();
  }
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  const question = message.value.trim();
  if (!question || send.disabled) return;
  message.value = "";
  ask(question);
});

message.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
    event.preventDefault();
    form.requestSubmit();
  }
});

document.querySelector("#new").addEventListener("click", () => {
  conversationId = null;
  conversation.replaceChildren();
  state.textContent = "";
  message.focus();
});
