   FROM   alpine   AS   x   
   RUN   a   b   
 	


   ENV   A=b   C=d   
   COPY    a    b   
