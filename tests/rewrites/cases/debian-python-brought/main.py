import packaging.version, yaml
