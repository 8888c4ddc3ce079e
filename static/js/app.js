// Behaviour that every page shares, found by data- attributes.
import { watchChosen } from "./chosen.js";
import { watchConfirmations } from "./confirm.js";
import { tellOfEarlyChanges } from "./early.js";
import { watchFields } from "./fields.js";
import { watchMenus } from "./menus.js";
import { watchRequests } from "./requests.js";
import { watchToasts } from "./toasts.js";

watchChosen();
watchConfirmations();
tellOfEarlyChanges();
watchFields();
watchMenus();
watchRequests();
watchToasts();
