<%@ page contentType="text/plain" %><%= 6 * 7 %> from a page
