	FROM	alpine	AS	build
	RUN	echo	a	\
		&& echo b	
