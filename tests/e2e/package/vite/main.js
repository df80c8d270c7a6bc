import * as leftfold from "leftfold";
import { show } from "./shop.js";

await show(leftfold);
