<?php exec("git log -1");
