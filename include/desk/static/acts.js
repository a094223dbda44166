// Starts a run by Airflow's own REST API, as the user whose session cookie the browser holds,
// and keeps a run's page up to date until the run has ended.
(() => {
  const PAUSE = 1000, LONGEST_PAUSE = 10000, SLOWER = 1.05;
  const NO_ANSWER = "服务器没有应答，请稍后再试。";
  const REFUSED = {
    401: "登录已经过期，请刷新本页重新登录后再办理。",
    403: "您的账号没有办理这一项的权限。",
    404: "没有这个流程，请刷新“办理”页。",
  };

  const ASKED = { number: (text) => Number(text), lines: (text) => text.split(/\s+/).filter(Boolean), yes_no: (text) => text === "true" };

  function say(place, text) {
    place.textContent = text;
    place.hidden = !text;
  }

  function faultOf(control) {
    const text = control.value.trim();
    if (!text) return control.required ? "请填写这一栏。" : control.validity.badInput ? "请填写完整。" : "";
    if (!control.validity.valid) return control.validationMessage;
    const pattern = control.dataset.pattern;
    if (pattern && !new RegExp(pattern, "u").test(control.value)) {
      return "填写的内容不符合要求，请按下方说明填写。";
    }
    return "";
  }

  function check(form) {
    let first = null;
    for (const control of form.querySelectorAll("[data-kind]")) {
      const fault = faultOf(control);
      say(control.closest(".field").querySelector(".fault"), fault);
      control.setAttribute("aria-invalid", fault ? "true" : "false");
      first = first || (fault ? control : null);
    }
    first?.focus();
    return !first;
  }

  function answers(form) {
    const conf = {};
    for (const control of form.querySelectorAll("[data-kind]")) {
      const text = control.value.trim();
      if (text) conf[control.name] = (ASKED[control.dataset.kind] || String)(text);
    }
    return conf;
  }

  async function wordsOf(answer) {
    if (REFUSED[answer.status]) return REFUSED[answer.status];
    const body = await answer.json().catch(() => ({}));
    const detail = typeof body.detail === "string" ? body.detail : JSON.stringify(body.detail || "");
    return `没有受理（${answer.status}）：${detail.slice(0, 500)}`;
  }

  async function start(form, conf, runId) {
    const refusal = form.querySelector("[data-refusal]");
    const button = form.querySelector("button");
    say(refusal, "");
    button.disabled = true;
    try {
      const body = { logical_date: null, conf, ...(runId ? { dag_run_id: runId } : {}) };
      const answer = await fetch(form.dataset.url, {
        method: "POST",
        credentials: "same-origin",
        headers: { "content-type": "application/json", accept: "application/json" },
        body: JSON.stringify(body),
      });
      // 409: the same confirmation was given before; its run is what is wanted.
      if (answer.ok || (answer.status === 409 && runId)) {
        const made = answer.ok ? (await answer.json()).dag_run_id : runId;
        location.assign(form.dataset.runs + encodeURIComponent(made));
        return;
      }
      say(refusal, await wordsOf(answer));
    } catch {
      say(refusal, NO_ANSWER);
    }
    button.disabled = false;
  }

  // What is read out to those who cannot see it must stay in place while its words change.
  function renew(page) {
    const [old, fresh] = [document, page].map((each) => each.getElementById("main"));
    const [outcome, next] = [old, fresh].map((each) => each.querySelector("#outcome"));
    if (!next || old.children.length !== fresh.children.length || outcome.tagName !== next.tagName) {
      old.replaceChildren(...fresh.childNodes);
      return;
    }
    [...old.children].forEach((child, place) => {
      if (child !== outcome) child.replaceWith(fresh.children[place].cloneNode(true));
    });
    outcome.className = next.className;
    outcome.toggleAttribute("data-unfinished", next.hasAttribute("data-unfinished"));
    outcome.replaceChildren(...next.childNodes);
  }

  async function follow(pause = PAUSE) {
    if (!document.querySelector("#outcome[data-unfinished]")) return;
    await new Promise((done) => setTimeout(done, pause));
    try {
      const answer = await fetch(location.href, { credentials: "same-origin", headers: { accept: "text/html" } });
      if (answer.ok) renew(new DOMParser().parseFromString(await answer.text(), "text/html"));
    } catch {
      // The next round asks again.
    }
    follow(Math.min(pause * SLOWER, LONGEST_PAUSE));
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.matches("[data-act]")) {
      event.preventDefault();
      if (check(form)) start(form, { ...answers(form), ...(form.dataset.dry ? { dry_run: true } : {}) });
    }
    if (form.matches("[data-confirm]")) {
      event.preventDefault();
      start(form, { ...JSON.parse(form.dataset.values), dry_run: false }, form.dataset.run);
    }
  });
  document.addEventListener("input", (event) => {
    const field = event.target.closest(".field");
    if (field?.querySelector("[aria-invalid=true]")) say(field.querySelector(".fault"), faultOf(event.target));
  });
  // Coming back by the browser's button finds the page as it was left, its button still off.
  window.addEventListener("pageshow", () => document.querySelectorAll("form button").forEach((button) => (button.disabled = false)));
  follow();
})();
