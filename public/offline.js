// On /wallet/devices: whether this device shows a summary without a network (public/sw.js), by its owner's choice.

const part = (name) => document.querySelector(`#offline [data-offline="${name}"]`);

if (part("turn-on") && "serviceWorker" in navigator && "caches" in window) {
  const { serviceWorker } = navigator;
  part("cannot").hidden = true;

  const show = (on) => {
    for (const [name, visible] of [["on", on], ["turn-off", on], ["off", !on], ["turn-on", !on]]) {
      part(name).hidden = !visible;
    }
  };

  const ask = (worker, what) =>
    new Promise((done) => {
      const { port1, port2 } = new MessageChannel();
      port1.onmessage = ({ data }) => done(data);
      worker.postMessage(what, [port2]);
    });

  part("turn-on").addEventListener("click", async () => {
    const registration = await serviceWorker.register("/sw.js");
    const ready = await serviceWorker.ready;
    show(await ask(ready.active, "keep"));
    part("turn-off").focus();
    registration.update().catch(() => {});
  });

  part("turn-off").addEventListener("click", async () => {
    const registration = await serviceWorker.getRegistration("/");
    if (registration?.active) await ask(registration.active, "wipe");
    show(false);
    part("turn-on").focus();
  });

  const registration = await serviceWorker.getRegistration("/");
  show(Boolean(registration?.active));
}
