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

;; A snippet's lines stay where they are: `dockerfile-mode' indents instructions that it has not coloured yet.
(defun slimstage-eglot-setup ()
  "Make snippets of the server keep their lines."
  (setq-local yas-indent-line 'fixed))
(defvar yas-indent-line)
(add-hook 'dockerfile-mode-hook #'slimstage-eglot-setup)
(add-hook 'dockerfile-ts-mode-hook #'slimstage-eglot-setup)

;; Settings, for example Korean messages:
;; (setq-default eglot-workspace-configuration '(:slimstage (:lang "ko" :severities (:unpinned-packages "off"))))

(provide 'slimstage-eglot)
;;; slimstage-eglot.el ends here
