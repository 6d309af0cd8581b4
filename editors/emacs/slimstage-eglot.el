;;; slimstage-eglot.el --- Dockerfiles with slimstage in Eglot  -*- lexical-binding: t -*-

;; For `dockerfile-mode' (a package) and `dockerfile-ts-mode' (built into Emacs 29 and newer).
(defvar eglot-server-programs)
(declare-function eglot-ensure "eglot")

(with-eval-after-load 'eglot
  (add-to-list 'eglot-server-programs
               '((dockerfile-mode dockerfile-ts-mode) . ("slimstage" "lsp"))))

(add-hook 'dockerfile-mode-hook #'eglot-ensure)
(add-hook 'dockerfile-ts-mode-hook #'eglot-ensure)

;; Files that neither mode claims by itself.
(dolist (name '("[/\\]\\(?:Containerfile\\|Dockerfile\\)\\(?:\\.[^/\\]*\\)?\\'" "\\.\\(?:containerfile\\|dockerfile\\)\\'"))
  (add-to-list 'auto-mode-alist
               (cons name (if (fboundp 'dockerfile-mode) 'dockerfile-mode 'dockerfile-ts-mode))))

;; Settings, for example Korean messages:
;; (setq-default eglot-workspace-configuration '(:slimstage (:lang "ko" :severities (:unpinned-packages "off"))))

(provide 'slimstage-eglot)
;;; slimstage-eglot.el ends here
