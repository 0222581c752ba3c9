// Passkeys on the pages of identity: asks the browser for one and puts its answer into the form that is sent.
"use strict";

(() => {
  const bytes = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replace(/\+/g, "-")
      .replace(/\//g, "_")
      .replace(/=+$/, "");
  const named = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

  const asked = (options) => ({
    ...options,
    challenge: bytes(options.challenge),
    ...(options.user && { user: { ...options.user, id: bytes(options.user.id) } }),
    ...(options.excludeCredentials && { excludeCredentials: named(options.excludeCredentials) }),
    ...(options.allowCredentials && { allowCredentials: named(options.allowCredentials) }),
  });

  const answered = (credential) => {
    const response = {};
    for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
      if (credential.response[name]) {
        response[name] = text(credential.response[name]);
      }
    }
    return { id: credential.id, rawId: text(credential.rawId), type: credential.type, response };
  };

  const say = (form, which) => {
    for (const problem of form.querySelectorAll("[data-problem]")) {
      problem.hidden = problem.dataset.problem !== which;
    }
  };

  // A browser knows passkeys of names only, never of addresses in figures, and only over a safe connection.
  const isPossible = () =>
    Boolean(window.PublicKeyCredential) && !/^[\d.]+$|^\[/.test(window.location.hostname);

  const ask = async (form) => {
    const publicKey = asked(JSON.parse(form.dataset.options));
    const how = form.dataset.passkey === "create" ? "create" : "get";
    const credential = await navigator.credentials[how]({ publicKey });
    form.elements.credential.value = JSON.stringify(answered(credential));
    form.submit();
  };

  for (const form of document.querySelectorAll("form[data-passkey]")) {
    const button = form.querySelector("button[type=submit]");
    if (!isPossible()) {
      button.disabled = true;
      say(form, "impossible");
      continue;
    }
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      say(form, "");
      button.disabled = true;
      ask(form).catch(() => {
        button.disabled = false;
        say(form, "failed");
      });
    });
  }
})();
