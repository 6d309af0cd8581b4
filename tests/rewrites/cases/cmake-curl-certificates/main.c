#include <curl/curl.h>

int main(void) {
    CURL *handle = curl_easy_init();
    curl_easy_setopt(handle, CURLOPT_URL, "https://example.org/");
    return curl_easy_perform(handle) != CURLE_OK;
}
