<?php echo "started\n";
