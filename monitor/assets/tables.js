/* Every table as a file. */
(function () {
  "use strict";

  /* A spreadsheet takes a cell that begins so for a formula, and names are typed by the public. */
  const FORMULA = /^[=+\-@\t\r]/;

  function cell(element) {
    const copy = element.cloneNode(true);
    copy.querySelectorAll('[aria-hidden="true"]').forEach((part) => part.remove());
    // Lines of a cell are parted by a comma, and numbers are written without one.
    const lines = copy.children.length > 1 ? [...copy.childNodes].map((node) => node.textContent) : [copy.textContent];
    const text = lines.map((line) => line.replace(/\s+/g, " ").trim()).filter(Boolean).join(", ");
    const number = text.replace(/\u2212/g, "-").replace(/(\d),(?=\d{3})/g, "$1");
    const plain = /^-?\d+(\.\d+)?$/.test(number) ? number : FORMULA.test(text) ? "'" + text : text;
    return /[",\n]/.test(plain) ? `"${plain.replace(/"/g, '""')}"` : plain;
  }

  function csv(table) {
    return [...table.rows].map((row) => [...row.cells].map(cell).join(",")).join("\r\n") + "\r\n";
  }

  function download(button) {
    const frame = button.closest(".table-block");
    const link = document.createElement("a");
    // The mark at the beginning tells spreadsheets how letters beyond ASCII are written.
    link.href = URL.createObjectURL(new Blob(["\ufeff" + csv(frame.querySelector("table"))], { type: "text/csv" }));
    link.download = button.dataset.csv + ".csv";
    link.click();
    URL.revokeObjectURL(link.href);
  }

  document.addEventListener("click", function (event) {
    const button = event.target.closest("[data-csv]");
    if (button) {
      download(button);
    }
  });

  window.monitorTables = { csv: csv };
})();
