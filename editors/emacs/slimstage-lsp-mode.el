;;; slimstage-lsp-mode.el --- Dockerfiles with slimstage in lsp-mode  -*- lexical-binding: t -*-

(require 'lsp-mode)

(lsp-register-client
 (make-lsp-client :new-connection (lsp-stdio-connection '("slimstage" "lsp"))
                  :activation-fn (lsp-activate-on "dockerfile")
                  ;; The settings at the start, too, so that the first findings know them.
                  :initialization-options (lambda () (lsp-configuration-section "slimstage"))
                  :priority 1           ; before lsp-mode's own entry for Dockerfiles
                  :server-id 'slimstage))

(lsp-register-custom-settings '(("slimstage.lang" slimstage-lang)))
(defvar slimstage-lang "" "Language of messages: \"en\", \"ko\", or empty for English.")

(add-to-list 'lsp-language-id-configuration '(dockerfile-ts-mode . "dockerfile"))
(add-hook 'dockerfile-mode-hook #'lsp-deferred)
(add-hook 'dockerfile-ts-mode-hook #'lsp-deferred)

(provide 'slimstage-lsp-mode)
;;; slimstage-lsp-mode.el ends here
