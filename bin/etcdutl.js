#!/usr/bin/env node
// etcdutl is a program of the same bundle: etcdctl.js loads it.
"use strict";
const { run } = require("./etcdctl.js");

void run("etcdutl");
