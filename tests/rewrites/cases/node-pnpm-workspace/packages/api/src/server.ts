import express from "express";
import { open } from "@shop/shared";
express().listen(3000);
open(2);
