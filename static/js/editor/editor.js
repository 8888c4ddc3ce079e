// The Content step: what happens on the canvas and beside it. Pages work without it, by links and forms.
import { watchCanvas } from "./canvas.js";
import { watchDragging } from "./dragging.js";
import { watchKeys } from "./keys.js";
import { watchLinks } from "./links.js";
import { watchProperties } from "./properties.js";
import { watchSaving } from "../saving.js";
import { watchWriting } from "./writing.js";

document.querySelector("[data-editor]").classList.add("is-live");
watchCanvas();
watchDragging();
watchKeys();
watchLinks();
watchProperties();
watchSaving();
watchWriting();
