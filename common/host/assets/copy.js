// Copying with one press: the button `data-copy="ID"` copies the text of the element with that id, and says so.
// Such buttons are hidden by the stylesheet until this script runs; without it people select and copy by hand.
(function () {
  "use strict";
  var copied = document.currentScript.getAttribute("data-copied");
  var SHOWN_MILLIS = 2000;

  function textOf(element) {
    return "value" in element ? element.value : element.textContent;
  }

  // Browsers of Windows 7, and pages that are not on loopback or TLS, have no navigator.clipboard.
  function copyByHand(text) {
    var area = document.createElement("textarea");
    area.value = text;
    area.setAttribute("readonly", "");
    area.className = "copy-area";
    document.body.appendChild(area);
    area.select();
    var done = document.execCommand("copy");
    document.body.removeChild(area);
    return done;
  }

  function say(button) {
    var before = button.getAttribute("data-label") || button.textContent;
    button.setAttribute("data-label", before);
    button.textContent = copied;
    button.classList.add("copied");
    window.setTimeout(function () {
      button.textContent = before;
      button.classList.remove("copied");
    }, SHOWN_MILLIS);
  }

  function copy(button) {
    var element = document.getElementById(button.getAttribute("data-copy"));
    if (!element) { return; }
    var text = textOf(element);
    if (navigator.clipboard && window.isSecureContext) {
      navigator.clipboard.writeText(text).then(
        function () { say(button); },
        function () { if (copyByHand(text)) { say(button); button.focus(); } }
      );
    } else if (copyByHand(text)) {
      say(button);
      button.focus();
    }
  }

  document.documentElement.classList.add("js");
  document.addEventListener("click", function (event) {
    var target = event.target;
    while (target && target.nodeType === 1 && !target.hasAttribute("data-copy")) { target = target.parentNode; }
    if (target && target.nodeType === 1) { copy(target); }
  });
}());
