import express from "express";
import type { Request } from "express";
express().listen(80);
