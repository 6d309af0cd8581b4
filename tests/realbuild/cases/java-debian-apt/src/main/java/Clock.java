import java.time.Instant;
import java.time.ZoneId;

public class Clock {
    public static void main(String[] arguments) throws Exception {
        System.out.println(Instant.EPOCH.atZone(ZoneId.of("Asia/Seoul")));
        System.out.println(System.getenv("JAVA_HOME").equals(System.getProperty("java.home")));
    }
}
