package tools;

import java.io.File;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;

/** Starts the program with the library inside of the jar, or unpacks both into layers. */
public class Launcher {
    static final String LIBRARY = "greeting-1.0.jar";

    public static void main(String[] arguments) throws Exception {
        if ("tools".equals(System.getProperty("jarmode"))) {
            extract(Arrays.asList(arguments));
            return;
        }
        Path copy = Files.createTempFile("library", ".jar");
        copy(copy);
        URL own = Launcher.class.getProtectionDomain().getCodeSource().getLocation();
        URL[] all = {own, copy.toUri().toURL()};
        URLClassLoader loader = new URLClassLoader(all, ClassLoader.getPlatformClassLoader());
        loader.loadClass("demo.Web").getMethod("main", String[].class).invoke(null, (Object) arguments);
    }

    static void extract(List<String> words) throws Exception {
        if (!words.get(0).equals("extract") || !words.contains("--layers")) {
            throw new IllegalArgumentException(String.join(" ", words));
        }
        String jar = new File(System.getProperty("java.class.path")).getName();
        String name = words.contains("--application-filename") ? value(words, "--application-filename") : jar;
        Path target = Path.of(value(words, "--destination"));
        for (String layer : List.of("dependencies/lib", "spring-boot-loader", "snapshot-dependencies", "application")) {
            Files.createDirectories(target.resolve(layer));
        }
        copy(target.resolve("dependencies/lib").resolve(LIBRARY));
        Manifest manifest = new Manifest();
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
        manifest.getMainAttributes().put(Attributes.Name.MAIN_CLASS, "demo.Web");
        manifest.getMainAttributes().put(Attributes.Name.CLASS_PATH, "lib/" + LIBRARY);
        OutputStream file = Files.newOutputStream(target.resolve("application").resolve(name));
        try (JarOutputStream out = new JarOutputStream(file, manifest);
                InputStream web = Launcher.class.getResourceAsStream("/demo/Web.class")) {
            out.putNextEntry(new JarEntry("demo/Web.class"));
            web.transferTo(out);
            out.closeEntry();
        }
    }

    static void copy(Path target) throws Exception {
        try (InputStream library = Launcher.class.getResourceAsStream("/BOOT-INF/lib/" + LIBRARY)) {
            Files.copy(library, target, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    static String value(List<String> words, String option) {
        return words.get(words.indexOf(option) + 1);
    }
}
