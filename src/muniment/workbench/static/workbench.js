// Every page works without this. With it: keys, help in a panel, progress while it works, files dropped anywhere.
import { keys } from "./keys.js";
import { progress } from "./progress.js";
import { dropping } from "./dropping.js";
import { atTheHit } from "./hits.js";
import { selecting } from "./notes.js";

keys();
progress(document.getElementById("live"));
dropping(document.getElementById("drop-here"), document.getElementById("drop-form"));
atTheHit();
selecting();
