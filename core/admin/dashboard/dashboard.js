"use strict";
// The token lives in this variable only: closing or reloading the page forgets it.
let token = "";
let cursor = "";
let timer = 0;

const byId = (id) => document.getElementById(id);
const period = 2000;

function show(id, text) {
  byId(id).textContent = text;
  byId(id).hidden = text === "";
}

// Everything from the server becomes text, never markup.
function cell(row, text, className) {
  const td = row.insertCell();
  td.textContent = text;
  if (className) td.className = className;
  return td;
}

function fill(id, rows, emptyText, columns) {
  const fresh = document.createElement("tbody");
  fresh.id = id;
  for (const build of rows) build(fresh.insertRow());
  if (rows.length === 0) {
    const td = cell(fresh.insertRow(), emptyText, "quiet");
    td.colSpan = columns;
  }
  byId(id).replaceWith(fresh);
}

const known = (number) => (number === null ? "unknown" : String(number));

async function call(path, method = "GET") {
  const response = await fetch(path, { method, headers: { Authorization: "Bearer " + token }, credentials: "omit" });
  const text = await response.text();
  const answer = text === "" ? {} : JSON.parse(text);
  if (!response.ok) {
    const error = new Error(answer.detail || "HTTP " + response.status);
    error.status = response.status;
    throw error;
  }
  return answer;
}

async function probe(path) {
  try {
    const response = await fetch(path, { credentials: "omit" });
    return { isGood: response.ok, body: await response.json() };
  } catch {
    return { isGood: false, body: { reasons: ["no answer"] } };
  }
}

function lamp(id, result) {
  byId(id).className = result.isGood ? "good" : "bad";
}

async function refreshLamps() {
  const [health, accepting, consuming] = await Promise.all([probe("/health"), probe("/readyz"), probe("/readyz/consume")]);
  lamp("health", health);
  lamp("accepting", accepting);
  lamp("consuming", consuming);
  byId("version").textContent = health.body.version || "";
  const reasons = [...(accepting.body.reasons || []), ...(consuming.body.reasons || [])].map((reason) =>
    typeof reason === "string" ? reason : [reason.group, reason.transport, reason.reason].filter(Boolean).join(": "));
  show("reasons", reasons.join("\n"));
}

function showStatistics(stats) {
  fill("queues", Object.entries(stats.transports).map(([name, queue]) => (row) => {
    cell(row, name);
    cell(row, queue.queue);
    for (const count of [queue.ready, queue.scheduled, queue.taken]) cell(row, known(count), "number");
    cell(row, queue.oldest_ready_seconds === null ? "–" : queue.oldest_ready_seconds.toFixed(1) + " s", "number");
    cell(row, queue.paused ? "paused" : "open");
  }), "There is no transport.", 7);
  fill("messages", Object.entries(stats.messages).map(([type, counts]) => (row) => {
    cell(row, type);
    for (const name of ["done", "retries", "deferrals", "expired", "cancelled", "dead"]) cell(row, String(counts[name]), "number");
  }), "No message has been decided yet.", 7);
  byId("outbox").textContent = String(stats.outbox);
}

function act(label, className, run) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = label;
  button.className = className;
  button.addEventListener("click", async () => {
    button.disabled = true;
    try {
      await run();
      show("notice", "");
    } catch (error) {
      show("notice", error.message);
    }
    await refresh();
  });
  return button;
}

function showFailed(page) {
  byId("total").textContent = "(" + page.total + ")";
  fill("failed", page.items.map((letter) => (row) => {
    const path = "/api/v1/failed/" + encodeURIComponent(letter.id);
    cell(row, letter.failed_at.replace("T", " ").slice(0, 19));
    cell(row, letter.type);
    cell(row, letter.id, "code");
    cell(row, String(letter.attempts), "number");
    cell(row, letter.error);
    const acts = cell(row, "", "acts");
    acts.append(act("Retry", "", () => call(path + "/retry", "POST")));
    acts.append(act("Remove", "danger", async () => {
      if (confirm("Remove message " + letter.id + " for good?")) await call(path, "DELETE");
    }));
  }), "No message has failed.", 6);
  byId("first").hidden = cursor === "";
  byId("next").hidden = page.next_cursor === null;
  byId("next").dataset.cursor = page.next_cursor || "";
}

async function refresh() {
  clearTimeout(timer);
  await refreshLamps();
  if (token !== "") {
    try {
      const [stats, failed] = await Promise.all([
        call("/api/v1/stats"), call("/api/v1/failed?limit=20" + (cursor === "" ? "" : "&cursor=" + encodeURIComponent(cursor)))]);
      if (token !== "") {
        showStatistics(stats);
        showFailed(failed);
        byId("content").hidden = byId("leave").hidden = false;
        byId("entry").hidden = true;
      }
    } catch (error) {
      show("notice", error.message);
      if (error.status === 401) forget();
    }
  }
  timer = setTimeout(refresh, period);
}

function forget() {
  token = "";
  cursor = "";
  byId("content").hidden = byId("leave").hidden = true;
  byId("entry").hidden = false;
  for (const id of ["queues", "messages", "failed"]) byId(id).replaceChildren();
}

function turnTo(page) {
  cursor = page;
  refresh();
}

byId("entry").addEventListener("submit", (event) => {
  event.preventDefault();
  token = byId("token").value.trim();
  byId("token").value = "";
  show("notice", "");
  refresh();
});
byId("leave").addEventListener("click", () => { forget(); show("notice", ""); });
byId("first").addEventListener("click", () => turnTo(""));
byId("next").addEventListener("click", () => turnTo(byId("next").dataset.cursor));
refresh();
