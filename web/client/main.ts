import { sendBySelf } from "./autosend.ts";
import { markBusy } from "./busy.ts";
import { pointAtCharts } from "./charts.ts";
import { copyOnClick } from "./copy.ts";
import { installWorker } from "./install.ts";
import { startIslands } from "./islands.ts";
import { followLive } from "./live.ts";
import { offerNotices } from "./notify.ts";
import { openPalette } from "./palette.ts";
import { switchPreferences } from "./preferences.ts";
import { reorderRows } from "./reorder.ts";
import { keepScroll, showCurrent } from "./scroll.ts";
import { listenToKeys } from "./shortcuts.ts";
import { countTime } from "./ticking.ts";
import { dismissToasts } from "./toasts.ts";
import { tellZone } from "./zone.ts";

// Everything here makes pages pleasanter; all of them work without it. Listeners stand on the document, so that what
// is fetched anew needs no wiring.
tellZone();
showCurrent();
keepScroll();
copyOnClick();
dismissToasts();
markBusy();
sendBySelf();
switchPreferences();
reorderRows();
countTime();
pointAtCharts();
openPalette();
listenToKeys();
startIslands();
followLive();
offerNotices();
installWorker();
