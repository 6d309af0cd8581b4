#include <iostream>
#include <sqlite3.h>

int main()
{
    sqlite3 *database = nullptr;
    sqlite3_open("/tmp/notes.db", &database);
    sqlite3_exec(database, "create table notes (text); insert into notes values ('a'), ('b')", nullptr, nullptr, nullptr);
    auto print = [](void *, int, char **row, char **) { std::cout << row[0] << '\n'; return 0; };
    int code = sqlite3_exec(database, "select count(*) from notes", print, nullptr, nullptr);
    sqlite3_close(database);
    return code;
}
