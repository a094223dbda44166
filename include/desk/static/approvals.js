// Answers a task of Airflow's that waits for a person, as the user whose session cookie the browser holds.
(() => {
  const NO_ANSWER = "服务器没有应答，请稍后再试。";
  const NO_REASON = "退回须写明理由。";
  const REFUSED = {
    401: "登录已经过期，请刷新本页重新登录后再办理。",
    403: "您的账号不能办理这道审批。",
    404: "这道审批已经不在等待，请刷新本页。",
    409: "这道审批已有意见，请刷新本页查看。",
  };

  function say(form, text) {
    const place = form.querySelector("[data-refusal]");
    place.textContent = text;
    place.hidden = !text;
  }

  async function answer(form, isYes) {
    const reason = form.querySelector("#reason");
    if (!isYes && !reason.value.trim()) {
      say(form, NO_REASON);
      reason.focus();
      return;
    }
    say(form, "");
    const buttons = form.querySelectorAll("button");
    buttons.forEach((button) => (button.disabled = true));
    try {
      const said = await fetch(form.dataset.url, {
        method: "PATCH",
        credentials: "same-origin",
        headers: { "content-type": "application/json", accept: "application/json" },
        body: JSON.stringify({
          chosen_options: [isYes ? form.dataset.yes : form.dataset.no],
          params_input: { reason: reason.value.trim() },
        }),
      });
      if (said.ok) {
        location.reload();
        return;
      }
      say(form, REFUSED[said.status] || `没有受理（${said.status}），请稍后再试。`);
    } catch {
      say(form, NO_ANSWER);
    }
    buttons.forEach((button) => (button.disabled = false));
  }

  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-answer]")) return;
    event.preventDefault();
    answer(event.target, event.submitter?.value !== "no");
  });
})();
