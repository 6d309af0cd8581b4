public class Tool {
    static String join(String[] words) {
        return String.join("+", words);
    }
}
