import * as leftfold from "leftfold";
import "leftfold/debugger";
import { show } from "./shop.js";

await show(leftfold);
