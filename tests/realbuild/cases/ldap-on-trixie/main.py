import sys

import ldap
import magic

print(ldap.initialize("ldap://localhost").protocol_version, ldap.SASL_AVAIL)
print(magic.from_file(sys.argv[1], mime=True))
