class Watch {
    Process process = new ProcessBuilder("jcmd", "1", "GC.heap_info").start();
}
