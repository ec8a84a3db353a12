// The studio's page. Each part is a module; all of them speak through the client that is made from `routes.wsr`.

import * as air from "./air.js";
import * as desk from "./desk.js";
import * as directory from "./directory.js";
import * as invitations from "./invitations.js";
import * as line from "./line.js";
import * as log from "./log.js";
import * as notes from "./notes.js";
import * as people from "./people.js";
import * as rooms from "./rooms.js";
import * as theme from "./theme.js";
import * as welcome from "./welcome.js";
import * as wire from "./wire.js";

for (const part of [theme, wire, line, welcome, directory, air, desk, rooms, people, notes, invitations, log]) part.start();
