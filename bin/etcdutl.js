#!/usr/bin/env node
// etcdutl is in the same bundle as etcdctl.
"use strict";
const { run } = require("./etcdctl.js");

void run("etcdutl");
