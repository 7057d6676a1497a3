// Says how old a copy is. The words stand in the page; without this script the page says the time and what to
// make of it.
"use strict";
{
  const note = document.querySelector("[data-written]");
  const say = () => {
    const minutes = Math.floor((Date.now() - Date.parse(note.dataset.written)) / 60000);
    const old = minutes >= 5;
    const words = minutes >= 120 ? note.dataset.veryOld : old ? note.dataset.old : note.dataset.fresh;
    note.querySelector("[data-age]").textContent = words.replace("{n}", minutes >= 120 ? Math.floor(minutes / 60) : minutes);
    note.dataset.tone = old ? "danger" : "info";
  };
  if (note && Date.parse(note.dataset.written)) {
    say();
    setInterval(say, 30000);
  }
}
